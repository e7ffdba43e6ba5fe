#include "CChecksum.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc_hardware(uint32_t crc, const uint8_t *bytes, size_t length) {
    uint64_t state = crc;
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = _mm_crc32_u64(state, word);
    }
    crc = (uint32_t)state;
    while (length-- > 0) crc = _mm_crc32_u8(crc, *bytes++);
    return crc;
}

static int has_hardware(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>

__attribute__((target("+crc"))) static uint32_t crc_hardware(uint32_t crc, const uint8_t *bytes, size_t length) {
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        crc = __crc32cd(crc, word);
    }
    while (length-- > 0) crc = __crc32cb(crc, *bytes++);
    return crc;
}

static int has_hardware(void) { return (getauxval(AT_HWCAP) & (1 << 7)) != 0; /* HWCAP_CRC32 */ }
#else
static uint32_t crc_hardware(uint32_t crc, const uint8_t *bytes, size_t length) { (void)bytes; (void)length; return crc; }
static int has_hardware(void) { return 0; }
#endif

/* For the rare machine without the instruction. */
static uint32_t crc_table(uint32_t crc, const uint8_t *bytes, size_t length) {
    static uint32_t table[256];
    static int ready;
    if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
        for (uint32_t index = 0; index < 256; index++) {
            uint32_t entry = index;
            for (int bit = 0; bit < 8; bit++) entry = entry >> 1 ^ (entry & 1 ? 0x82f63b78u : 0);
            __atomic_store_n(&table[index], entry, __ATOMIC_RELAXED);
        }
        __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
    }
    while (length-- > 0) crc = crc >> 8 ^ table[(crc ^ *bytes++) & 0xff];
    return crc;
}

uint32_t httpcron_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    return ~crc_table(~crc, bytes, length);
}

uint32_t httpcron_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return has_hardware() ? ~crc_hardware(~crc, bytes, length) : httpcron_crc32c_portable(crc, bytes, length);
}
