/* Loaded into the daemon with LD_PRELOAD: a disk that hangs. While the file that HOLD_SYNCS names is there, no fdatasync
 * comes to its end. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int fdatasync(int descriptor) {
    const char *path = getenv("HOLD_SYNCS");
    const struct timespec pause = {.tv_nsec = 10000000};
    while (path != NULL && access(path, F_OK) == 0) nanosleep(&pause, NULL);
    return (int)syscall(SYS_fdatasync, descriptor);
}
