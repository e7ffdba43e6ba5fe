/* Loaded into a program with LD_PRELOAD: counts its calls on the files below one directory, and at the ones it is told
 * dies, or fails, or does nothing. Every rule that acts says so on a descriptor before it does, so that a test knows
 * that what it tested took place. Of the calls, each libc name that leads to the same system call is caught; renameat2
 * comes through syscall(2).
 *
 * CRASH_SHIM="under=DIR report=FD [reads] [trace] [RULE…]", a RULE being
 *     N:before   N:after   N:half       SIGKILL before or after call N; half: once half of its bytes are written
 *     N:fail=ERRNO:TIMES                calls from N on fail, so many times
 *     N:short:TIMES                     … write half of what they should, and say so
 *     N:skip                            calls from N on succeed without being made
 * Calls are numbered from 1 in the order in which they begin, over all threads; with KIND#N only those of one kind. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum action { BEFORE, AFTER, HALF, FAIL, SHORT, SKIP };

struct rule {
    enum action action;
    long at;
    int kind; /* an index into `kinds`, or -1: any */
    int error;
    atomic_long left;
};

enum { MOST_RULES = 16, MOST_FILES = 4096 };
static struct rule rules[MOST_RULES];
static int rule_count, report = -1;
static bool counts_reads, traces;
static char under[PATH_MAX];
static size_t under_length;
static const char *const kinds[] = {"open", "pwrite", "fdatasync", "fsync", "ftruncate", "fallocate", "flock",
                                    "rename", "link", "unlink", "mkdir", "read-open", "pread"};
enum { KINDS = sizeof kinds / sizeof kinds[0] };
static atomic_long calls, calls_of_kind[KINDS];
/* Descriptors of files below the directory, and of itself. */
static atomic_bool watched[MOST_FILES];

static void say(long number, const char *kind, const char *what, const char *path) {
    char line[PATH_MAX + 96];
    int length = snprintf(line, sizeof line, "%ld %s %s %s\n", number, what, kind, path);
    if (length > (int)sizeof line) length = sizeof line;
    syscall(SYS_write, report, line, length);
}

static int kind_number(const char *kind) {
    for (int index = 0; index < KINDS; index++)
        if (strcmp(kinds[index], kind) == 0) return index;
    abort();
}

static void add_rule(char *word) {
    struct rule *rule = &rules[rule_count];
    char *place = strchr(word, ':');
    if (place == NULL || rule_count == MOST_RULES) abort();
    *place++ = 0;
    char *number = strchr(word, '#');
    rule->kind = -1;
    if (number != NULL) {
        *number = 0;
        rule->kind = kind_number(word);
        word = number + 1;
    }
    rule->at = atol(word);
    atomic_store(&rule->left, 1);
    if (strcmp(place, "before") == 0) rule->action = BEFORE;
    else if (strcmp(place, "after") == 0) rule->action = AFTER;
    else if (strcmp(place, "half") == 0) rule->action = HALF;
    else if (strcmp(place, "skip") == 0) {
        rule->action = SKIP;
        atomic_store(&rule->left, LONG_MAX);
    } else {
        long times = 1;
        if (sscanf(place, "fail=%d:%ld", &rule->error, &times) >= 1) rule->action = FAIL;
        else if (sscanf(place, "short:%ld", &times) == 1) rule->action = SHORT;
        else abort();
        atomic_store(&rule->left, times);
    }
    rule_count++;
}

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("CRASH_SHIM");
    if (text == NULL) return;
    char *copy = strdup(text), *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (strncmp(word, "under=", 6) == 0) snprintf(under, sizeof under, "%s", word + 6);
        else if (strncmp(word, "report=", 7) == 0) report = atoi(word + 7);
        else if (strcmp(word, "reads") == 0) counts_reads = true;
        else if (strcmp(word, "trace") == 0) traces = true;
        else add_rule(word);
    }
    free(copy);
    under_length = strlen(under);
    if (report >= 0) fcntl(report, F_SETFD, FD_CLOEXEC);
}

/* Gives whether the path, relative to a directory, is below ours, and the whole path. */
static bool is_ours(int directory, const char *path, char *whole) {
    if (under_length == 0 || path == NULL) return false;
    if (path[0] == '/') snprintf(whole, PATH_MAX, "%s", path);
    else {
        char link[64];
        if (directory == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else if (directory >= 0 && directory < MOST_FILES && !watched[directory]) return false;
        else snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        ssize_t length = readlink(link, whole, PATH_MAX / 2);
        if (length < 0) return false;
        snprintf(whole + length, PATH_MAX - (size_t)length, "/%s", path);
    }
    return strncmp(whole, under, under_length) == 0 && (whole[under_length] == 0 || whole[under_length] == '/');
}

/* Whether the descriptor is of a file of ours, and the file's name. */
static bool is_watched(int file, char *path) {
    if (file < 0 || file >= MOST_FILES || !watched[file]) return false;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return strncmp(path, under, under_length) == 0;
}

static _Noreturn void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* What becomes of one call. */
struct verdict {
    struct rule *rule;
    long number;
    const char *kind;
    char path[PATH_MAX];
};

/* Counts a call and finds its rule; those that are carried out before it are. */
static void enter(struct verdict *call, const char *kind) {
    int index_of_kind = kind_number(kind);
    long number_of_kind = atomic_fetch_add(&calls_of_kind[index_of_kind], 1) + 1;
    call->number = atomic_fetch_add(&calls, 1) + 1;
    call->kind = kind;
    call->rule = NULL;
    if (traces) say(call->number, kind, "call", call->path);
    for (int index = 0; index < rule_count; index++) {
        struct rule *rule = &rules[index];
        if (rule->kind >= 0 && rule->kind != index_of_kind) continue;
        long number = rule->kind >= 0 ? number_of_kind : call->number;
        bool lasts = rule->action == FAIL || rule->action == SHORT || rule->action == SKIP;
        if (lasts ? number < rule->at : number != rule->at) continue;
        if (rule->action == SHORT && strcmp(kind, "pwrite") != 0) continue;
        if (atomic_fetch_sub(&rule->left, 1) <= 0) continue;
        static const char *const words[] = {"before", "after", "half", "fail", "short", "skip"};
        say(call->number, kind, words[rule->action], call->path);
        if (rule->action == BEFORE) die();
        call->rule = rule;
        return;
    }
}

static bool is(struct verdict *call, enum action action) { return call->rule && call->rule->action == action; }

static void leave(struct verdict *call) {
    if (is(call, AFTER) || is(call, HALF)) die();
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* A call whose file is known: counted, and then made, unless a rule says otherwise. */
#define CARRY_OUT(call, expression)                                                                                  \
    __typeof__(expression) result;                                                                                   \
    if (is(&call, FAIL)) {                                                                                           \
        errno = call.rule->error;                                                                                    \
        result = -1;                                                                                                 \
    } else if (is(&call, SKIP)) {                                                                                    \
        result = 0;                                                                                                  \
    } else {                                                                                                         \
        result = expression;                                                                                         \
    }                                                                                                                \
    int code = errno;                                                                                                \
    leave(&call);                                                                                                    \
    errno = code;

static int open_file(int directory, const char *path, int flags, mode_t mode) {
    struct verdict call;
    if (!is_ours(directory, path, call.path)) return (int)syscall(SYS_openat, directory, path, flags, mode);
    bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
    int file;
    if (writes || counts_reads) {
        enter(&call, writes ? "open" : "read-open");
        CARRY_OUT(call, (int)syscall(SYS_openat, directory, path, flags, mode))
        file = result;
    } else {
        file = (int)syscall(SYS_openat, directory, path, flags, mode);
    }
    if (file >= 0 && file < MOST_FILES) watched[file] = true;
    return file;
}

static mode_t mode_of(int flags, va_list list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; }

#define OPEN(name)                                                                                                   \
    int name(const char *path, int flags, ...) {                                                                     \
        va_list list;                                                                                                \
        va_start(list, flags);                                                                                       \
        mode_t mode = mode_of(flags, list);                                                                          \
        va_end(list);                                                                                                \
        return open_file(AT_FDCWD, path, flags, mode);                                                               \
    }
#define OPENAT(name)                                                                                                 \
    int name(int directory, const char *path, int flags, ...) {                                                      \
        va_list list;                                                                                                \
        va_start(list, flags);                                                                                       \
        mode_t mode = mode_of(flags, list);                                                                          \
        va_end(list);                                                                                                \
        return open_file(directory, path, flags, mode);                                                              \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int close(int file) {
    if (file >= 0 && file < MOST_FILES) watched[file] = false;
    return (int)syscall(SYS_close, file);
}

/* closedir(3) closes its descriptor past us. */
int closedir(DIR *directory) {
    int file = dirfd(directory);
    if (file >= 0 && file < MOST_FILES) watched[file] = false;
    return NEXT(closedir)(directory);
}

static ssize_t write_file(int file, const void *bytes, size_t count, off64_t offset, bool positioned) {
    struct verdict call;
    if (!is_watched(file, call.path))
        return positioned ? syscall(SYS_pwrite64, file, bytes, count, offset) : syscall(SYS_write, file, bytes, count);
    enter(&call, "pwrite");
    if (is(&call, HALF) || is(&call, SHORT)) count /= 2;
    CARRY_OUT(call, (ssize_t)(positioned ? syscall(SYS_pwrite64, file, bytes, count, offset)
                                         : syscall(SYS_write, file, bytes, count)))
    return result;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return write_file(file, bytes, count, offset, true);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) { return pwrite(file, bytes, count, offset); }

ssize_t write(int file, const void *bytes, size_t count) {
    return write_file(file, bytes, count, 0, false);
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    struct verdict call;
    if (!counts_reads || !is_watched(file, call.path)) return syscall(SYS_pread64, file, bytes, count, offset);
    enter(&call, "pread");
    CARRY_OUT(call, (ssize_t)syscall(SYS_pread64, file, bytes, count, offset))
    return result;
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) { return pread(file, bytes, count, offset); }

/* The calls that are made with a descriptor alone. */
#define ON_FILE(name, kind, parameters, arguments, file)                                                             \
    int name parameters {                                                                                            \
        struct verdict call;                                                                                         \
        if (!is_watched(file, call.path)) return NEXT(name) arguments;                                               \
        enter(&call, kind);                                                                                          \
        CARRY_OUT(call, NEXT(name) arguments)                                                                        \
        return result;                                                                                               \
    }
ON_FILE(fdatasync, "fdatasync", (int file), (file), file)
ON_FILE(fsync, "fsync", (int file), (file), file)
ON_FILE(ftruncate, "ftruncate", (int file, off_t length), (file, length), file)
ON_FILE(ftruncate64, "ftruncate", (int file, off64_t length), (file, length), file)
ON_FILE(fallocate, "fallocate", (int file, int mode, off_t offset, off_t length), (file, mode, offset, length), file)
ON_FILE(fallocate64, "fallocate", (int file, int mode, off64_t offset, off64_t length), (file, mode, offset, length),
        file)
ON_FILE(flock, "flock", (int file, int operation), (file, operation), file)

/* Those that are made with names: the last one is what is told. */
#define ON_NAME(name, kind, parameters, arguments, directory, named)                                                 \
    int name parameters {                                                                                            \
        struct verdict call;                                                                                         \
        if (!is_ours(directory, named, call.path)) return NEXT(name) arguments;                                      \
        enter(&call, kind);                                                                                          \
        CARRY_OUT(call, NEXT(name) arguments)                                                                        \
        return result;                                                                                               \
    }
ON_NAME(rename, "rename", (const char *from, const char *to), (from, to), AT_FDCWD, to)
ON_NAME(renameat, "rename", (int a, const char *from, int b, const char *to), (a, from, b, to), b, to)
ON_NAME(renameat2, "rename", (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags),
        b, to)
ON_NAME(link, "link", (const char *from, const char *to), (from, to), AT_FDCWD, to)
ON_NAME(linkat, "link", (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), b, to)
ON_NAME(unlink, "unlink", (const char *path), (path), AT_FDCWD, path)
ON_NAME(unlinkat, "unlink", (int a, const char *path, int flags), (a, path, flags), a, path)
ON_NAME(mkdir, "mkdir", (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
ON_NAME(mkdirat, "mkdir", (int a, const char *path, mode_t mode), (a, path, mode), a, path)

static long pass_on(long number, const long *a) {
    static _Atomic(__typeof__(&syscall)) next;
    __typeof__(&syscall) found = next;
    if (found == NULL) next = found = NEXT(syscall);
    return found(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

long syscall(long number, ...) {
    long a[6];
    va_list list;
    va_start(list, number);
    for (int index = 0; index < 6; index++) a[index] = va_arg(list, long);
    va_end(list);
    struct verdict call;
    if (number != SYS_renameat2 || !is_ours((int)a[2], (const char *)a[3], call.path)) return pass_on(number, a);
    enter(&call, "rename");
    CARRY_OUT(call, pass_on(number, a))
    return result;
}
