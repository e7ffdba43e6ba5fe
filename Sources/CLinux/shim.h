#pragma once
/* What Swift's Glibc module leaves out: declarations, constants, and typed forms of variadic calls. No logic. */
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

/// fstatfs(2): the magic number of the file system that holds `descriptor`, or -1.
static inline long httpcron_file_system(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) < 0 ? -1 : (long)status.f_type;
}
