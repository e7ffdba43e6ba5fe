#pragma once
/* What Swift's Glibc module leaves out: declarations, constants, and typed forms of variadic calls. No logic. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

/// prctl(2) PR_SET_NAME: the calling thread's name, of which 15 bytes are kept.
static inline void httpcron_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
