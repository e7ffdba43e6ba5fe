#pragma once
/* What Swift's Glibc module leaves out: declarations, constants, and typed forms of what Swift cannot call. */
#include <fcntl.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

/// prctl(2) PR_SET_NAME: the calling thread's name, of which 15 bytes are kept.
static inline void httpcron_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

/// renameat2(2) RENAME_NOREPLACE, within one directory: fails with EEXIST instead of replacing.
static inline int httpcron_rename_new(int directory, const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, directory, from, directory, to, RENAME_NOREPLACE);
}

/// dup3(2) with O_CLOEXEC: from now on `old` is what `other` is.
static inline int httpcron_replace_descriptor(int old, int other) {
    return (int)syscall(SYS_dup3, other, old, O_CLOEXEC);
}

/// fstatfs(2): the magic number of the file system that holds `descriptor`, or -1.
static inline long httpcron_file_system(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) < 0 ? -1 : (long)status.f_type;
}

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>

/// The head of `struct dl_phdr_info`, which <link.h> shows to GNU programs only. dl_iterate_phdr(3).
struct httpcron_loaded_object {
    ElfW(Addr) base;
    const char *name;
    const ElfW(Phdr) *headers;
    ElfW(Half) count;
};

static inline int httpcron_unmap_text_of(struct httpcron_loaded_object *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    for (ElfW(Half) index = 0; index < object->count; index++) {
        const ElfW(Phdr) *header = &object->headers[index];
        if (header->p_type != PT_LOAD || (header->p_flags & (PF_X | PF_W)) != PF_X) continue;
        uintptr_t begin = (object->base + header->p_vaddr + 4095) & ~(uintptr_t)4095;
        uintptr_t end = (object->base + header->p_vaddr + header->p_memsz) & ~(uintptr_t)4095;
        if (end > begin) madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 0;
}

/// madvise(2) MADV_DONTNEED for all program text, that of libraries too: it is mapped again, from the page cache, as it
/// is run again. Text is never written to, so nothing can be lost.
static inline void httpcron_unmap_text(void) {
    extern int dl_iterate_phdr(int (*)(struct httpcron_loaded_object *, size_t, void *), void *);
    dl_iterate_phdr(httpcron_unmap_text_of, NULL);
}

/// The calling thread runs when nothing else wants the processor (sched_setscheduler(2), SCHED_IDLE) nor the disk
/// (ioprio_set(2), IOPRIO_CLASS_IDLE). Where a sandbox forbids it the thread is as before, which is no error.
static inline void httpcron_be_idle(void) {
    enum { idle_policy = 5, this_thread = 1, idle_class = 3 << 13 };
    struct { int priority; } none = {0};
    syscall(SYS_sched_setscheduler, 0, idle_policy, &none);
    syscall(SYS_ioprio_set, this_thread, 0, idle_class);
}

#include <sys/socket.h>

/// getsockopt(2) SO_PEERCRED: who is at the other end of a Unix socket. struct ucred is shown to GNU programs only.
static inline int httpcron_peer(int descriptor, int *process, unsigned *user) {
    struct { int process; unsigned user, group; } peer;
    socklen_t length = sizeof peer;
    int result = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length);
    if (result == 0) {
        *process = peer.process;
        *user = peer.user;
    }
    return result;
}

/// accept4(2), which <sys/socket.h> shows to GNU programs only.
static inline int httpcron_accept(int descriptor, int flags) {
    return (int)syscall(SYS_accept4, descriptor, (void *)0, (void *)0, flags);
}
