#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720 appendix B.4) of `length` bytes, going on from `crc`; start with 0.
uint32_t httpcron_crc32c(uint32_t crc, const void *bytes, size_t length);

/// The same without the processor's own instruction; here so that a test can hold the two together.
uint32_t httpcron_crc32c_portable(uint32_t crc, const void *bytes, size_t length);
