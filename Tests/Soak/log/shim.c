// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Stands between a program and the disk (LD_PRELOAD): writes down what the program does below one directory, in the order in which the
// kernel saw it, and what it says on stdout; lets one call fail; forgets syncs; sets the clock. What it is to do stands in the environment:
//
//   SHIM_ROOT=DIR            the directory; nothing else is looked at
//   SHIM_TRACE=FILE          where to write the events, appended (trace.py reads them)
//   SHIM_FAIL=K:ERRNO        the K-th call that may fail does, with that errno; K+:ERRNO all from then on; K:short writes half
//   SHIM_CALLS=w|rw          which calls may fail: those that change something, or opening for reading too
//   SHIM_KILL=K              the process is killed at the K-th such call, before it is made
//   SHIM_FORGET=1            every sync succeeds and does nothing
//   SHIM_CLOCK=S,S,…         seconds added to the wall clock at the first, second, … reading; the last one stays
//
// One lock is held over each call and its event, so that the order in the trace is the order on the disk. It is not held over a sync:
// its beginning and its end are two events, and only what was written before the beginning is on the disk at the end.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name)                                                   \
    ({                                                               \
        static __typeof__(&name) real;                               \
        if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
        real;                                                        \
    })

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int trace = -1;
static bool forget, reads_count;
static long fail_at, kill_at, fail_calls;
static bool fail_stays, fail_short;
static int fail_errno;
static long sync_number;
static double clock_steps[64];
static int clock_count, clock_next;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("SHIM_ROOT");
    if (!text) return;
    root_length = strlen(text);
    if (root_length >= sizeof root) abort();
    memcpy(root, text, root_length + 1);
    if ((text = getenv("SHIM_TRACE"))) {
        // A number that no program's own descriptors reach.
        int low = (int)REAL(syscall)(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        trace = (int)REAL(syscall)(SYS_fcntl, low, F_DUPFD_CLOEXEC, 700);
        REAL(syscall)(SYS_close, low);
        if (trace < 0) abort();
    }
    forget = getenv("SHIM_FORGET") != NULL;
    if ((text = getenv("SHIM_CALLS"))) reads_count = strcmp(text, "rw") == 0;
    if ((text = getenv("SHIM_KILL"))) kill_at = atol(text);
    if ((text = getenv("SHIM_FAIL"))) {
        char *end;
        fail_at = strtol(text, &end, 10);
        if (*end == '+') { fail_stays = true; end++; }
        if (*end != ':') abort();
        fail_short = strcmp(end + 1, "short") == 0;
        fail_errno = atoi(end + 1);
    }
    if ((text = getenv("SHIM_CLOCK"))) {
        while (*text && clock_count < 64) {
            char *end;
            clock_steps[clock_count++] = strtod(text, &end);
            text = *end ? end + 1 : end;
        }
    }
}

// --- events --------------------------------------------------------------------------------------------------------------------------

__attribute__((format(printf, 3, 4))) static void event(const void *data, size_t length, const char *format, ...) {
    if (trace < 0) return;
    int saved = errno;
    char line[2 * PATH_MAX + 128];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof line - 1) abort();
    line[size++] = '\n';
    struct iovec parts[2] = {{line, (size_t)size}, {(void *)data, length}};
    if (REAL(syscall)(SYS_writev, trace, parts, 2) != (long)((size_t)size + length)) abort();
    errno = saved;
}

// The path below the root, or NULL. An empty path is the root itself.
static const char *below(const char *path) {
    if (!root_length || strncmp(path, root, root_length)) return NULL;
    if (path[root_length] == '/') return path + root_length + 1;
    return path[root_length] ? NULL : path + root_length;
}

static const char *below_fd(int fd, char *buffer) {
    if (!root_length || fd < 0 || fd == trace) return NULL;
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int saved = errno;
    long size = REAL(syscall)(SYS_readlinkat, AT_FDCWD, name, buffer, PATH_MAX - 1);
    errno = saved;
    if (size <= 0) return NULL;
    buffer[size] = 0;
    return below(buffer);
}

static const char *below_at(int directory, const char *path, char *buffer) {
    if (!root_length) return NULL;
    if (path[0] == '/') return below(path);
    if (directory == AT_FDCWD) {
        if (!getcwd(buffer, PATH_MAX / 2)) return NULL;
    } else {
        char inner[PATH_MAX];
        if (!below_fd(directory, inner)) return NULL;
        snprintf(buffer, PATH_MAX, "%.*s", PATH_MAX / 2, inner);
    }
    size_t size = strlen(buffer);
    snprintf(buffer + size, PATH_MAX - size, "/%.*s", PATH_MAX / 2 - 2, path);
    return below(buffer);
}

static unsigned long inode(int fd) {
    struct stat status;
    int saved = errno;
    int failed = fstat(fd, &status);
    errno = saved;
    return failed ? 0 : status.st_ino;
}

// Whether this call, one of those that may fail, is to fail; then with errno set. 2: half of it is to be done.
static int fails(const char *name, const char *path, bool changes) {
    if (!changes && !reads_count) return 0;
    long number = ++fail_calls;
    event(NULL, 0, "N %ld %s\t%s", number, name, path);
    if (number == kill_at) kill(getpid(), SIGKILL);
    if (!fail_at || (fail_stays ? number < fail_at : number != fail_at)) return 0;
    event(NULL, 0, "I %ld %s %d\t%s", number, name, fail_errno, path);
    errno = fail_errno;
    return fail_short ? 2 : 1;
}

// --- opening -------------------------------------------------------------------------------------------------------------------------

static int opened(int directory, const char *path, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    const char *name = below_at(directory, path, buffer);
    if (!name) return (int)REAL(syscall)(SYS_openat, directory, path, flags, mode);
    pthread_mutex_lock(&order);
    bool changes = (flags & (O_CREAT | O_TRUNC)) || (flags & O_ACCMODE) != O_RDONLY;
    int fd = -1;
    if (fails("open", name, changes) != 1) {
        struct stat status;
        bool existed = !fstatat(directory, path, &status, 0);
        fd = (int)REAL(syscall)(SYS_openat, directory, path, flags, mode);
        if (fd >= 0) {
            event(NULL, 0, "%c %lu\t%s", existed || !(flags & O_CREAT) ? 'O' : 'C', inode(fd), name);
            if (existed && (flags & O_TRUNC)) event(NULL, 0, "Z %lu 0", inode(fd));
        }
    }
    pthread_mutex_unlock(&order);
    return fd;
}

#define OPEN(name, before, directory)                                            \
    int name(before const char *path, int flags, ...) {                          \
        mode_t mode = 0;                                                         \
        if (flags & (O_CREAT | O_TMPFILE)) {                                     \
            va_list arguments;                                                   \
            va_start(arguments, flags);                                          \
            mode = va_arg(arguments, mode_t);                                    \
            va_end(arguments);                                                   \
        }                                                                        \
        return opened(directory, path, flags, mode);                             \
    }
#define NOTHING
#define DIRECTORY int directory,
OPEN(open, NOTHING, AT_FDCWD)
OPEN(open64, NOTHING, AT_FDCWD)
OPEN(openat, DIRECTORY, directory)
OPEN(openat64, DIRECTORY, directory)
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// --- writing -------------------------------------------------------------------------------------------------------------------------

// One write with its event. `at` below 0: where the descriptor stands.
static ssize_t written(int fd, const struct iovec *parts, int count, off_t at, const char *call) {
    char buffer[PATH_MAX];
    size_t length = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    const char *name = below_fd(fd, buffer);
    if (!name) {
        if (fd == 1 && trace >= 0) {
            pthread_mutex_lock(&order);
            char *all = malloc(length + 1), *next = all;
            for (int i = 0; i < count; i++) next = mempcpy(next, parts[i].iov_base, parts[i].iov_len);
            // Before it leaves: whoever reads it may rely on it from now on.
            event(all, length, "A %zu", length);
            free(all);
            pthread_mutex_unlock(&order);
        }
        return at < 0 ? REAL(syscall)(SYS_writev, fd, parts, count) : REAL(syscall)(SYS_pwritev, fd, parts, count, at, 0);
    }
    pthread_mutex_lock(&order);
    ssize_t wrote = -1;
    int failing = fails(call, name, true);
    if (failing != 1) {
        int flags = fcntl(fd, F_GETFL);
        off_t place = at;
        if (at < 0) place = lseek(fd, 0, (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
        char *all = malloc(length + 1), *next = all;
        for (int i = 0; i < count; i++) next = mempcpy(next, parts[i].iov_base, parts[i].iov_len);
        size_t part = failing == 2 && length > 1 ? length / 2 : length;
        wrote = at < 0 ? REAL(syscall)(SYS_write, fd, all, part) : REAL(syscall)(SYS_pwrite64, fd, all, part, at);
        if (wrote >= 0)
            event(all, (size_t)wrote, "W %lu %lld %zd %d", inode(fd), (long long)place, wrote, (flags & (O_SYNC | O_DSYNC)) ? 1 : 0);
        int saved = errno;
        free(all);
        errno = saved;
    }
    pthread_mutex_unlock(&order);
    return wrote;
}

ssize_t write(int fd, const void *data, size_t length) {
    struct iovec part = {(void *)data, length};
    return written(fd, &part, 1, -1, "write");
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    struct iovec part = {(void *)data, length};
    return written(fd, &part, 1, at, "pwrite");
}
ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) { return pwrite(fd, data, length, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return written(fd, parts, count, -1, "writev"); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return written(fd, parts, count, at, "pwritev"); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return written(fd, parts, count, at, "pwritev"); }
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
    char buffer[PATH_MAX];
    if (below_fd(fd, buffer) && flags) event(NULL, 0, "X pwritev2 with flags");
    return written(fd, parts, count, at, "pwritev");
}

// --- sizes ---------------------------------------------------------------------------------------------------------------------------

int ftruncate(int fd, off_t size) {
    char buffer[PATH_MAX];
    const char *name = below_fd(fd, buffer);
    if (!name) return (int)REAL(syscall)(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&order);
    int result = -1;
    if (fails("ftruncate", name, true) != 1) {
        result = (int)REAL(syscall)(SYS_ftruncate, fd, size);
        if (!result) event(NULL, 0, "Z %lu %lld", inode(fd), (long long)size);
    }
    pthread_mutex_unlock(&order);
    return result;
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int fallocate(int fd, int mode, off_t at, off_t length) {
    char buffer[PATH_MAX];
    const char *name = below_fd(fd, buffer);
    if (!name) return (int)REAL(syscall)(SYS_fallocate, fd, mode, at, length);
    pthread_mutex_lock(&order);
    int result = -1;
    if (fails("fallocate", name, true) != 1) {
        result = (int)REAL(syscall)(SYS_fallocate, fd, mode, at, length);
        if (!result) event(NULL, 0, "F %lu %d %lld %lld", inode(fd), mode, (long long)at, (long long)length);
    }
    pthread_mutex_unlock(&order);
    return result;
}
int fallocate64(int fd, int mode, off_t at, off_t length) { return fallocate(fd, mode, at, length); }
int posix_fallocate(int fd, off_t at, off_t length) { return fallocate(fd, 0, at, length) ? errno : 0; }
int posix_fallocate64(int fd, off_t at, off_t length) { return posix_fallocate(fd, at, length); }

// --- names ---------------------------------------------------------------------------------------------------------------------------

static int renamed(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    char first[PATH_MAX], second[PATH_MAX];
    const char *a = below_at(from_directory, from, first), *b = below_at(to_directory, to, second);
    if (!a && !b) return (int)REAL(syscall)(SYS_renameat2, from_directory, from, to_directory, to, flags);
    pthread_mutex_lock(&order);
    int result = -1;
    if (fails("rename", b ? b : a, true) != 1) {
        result = (int)REAL(syscall)(SYS_renameat2, from_directory, from, to_directory, to, flags);
        if (!result && a && b && !(flags & RENAME_EXCHANGE)) event(NULL, 0, "R %s\t%s", a, b);
        else if (!result) event(NULL, 0, "X rename into or out of the directory, or an exchange");
    }
    pthread_mutex_unlock(&order);
    return result;
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return renamed(a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { return renamed(a, from, b, to, flags); }

int linkat(int a, const char *from, int b, const char *to, int flags) {
    char first[PATH_MAX], second[PATH_MAX];
    const char *old = below_at(a, from, first), *name = below_at(b, to, second);
    if (!name) return (int)REAL(syscall)(SYS_linkat, a, from, b, to, flags);
    pthread_mutex_lock(&order);
    int result = -1;
    if (fails("link", name, true) != 1) {
        result = (int)REAL(syscall)(SYS_linkat, a, from, b, to, flags);
        if (!result && old) event(NULL, 0, "L %s\t%s", old, name);
        else if (!result) event(NULL, 0, "X a link to outside");
    }
    pthread_mutex_unlock(&order);
    return result;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
    char buffer[PATH_MAX];
    const char *name = below_at(directory, path, buffer);
    if (!name) return (int)REAL(syscall)(SYS_unlinkat, directory, path, flags);
    pthread_mutex_lock(&order);
    int result = -1;
    if (fails(flags & AT_REMOVEDIR ? "rmdir" : "unlink", name, true) != 1) {
        result = (int)REAL(syscall)(SYS_unlinkat, directory, path, flags);
        if (!result) event(NULL, 0, "U %s", name);
    }
    pthread_mutex_unlock(&order);
    return result;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int directory, const char *path, mode_t mode) {
    char buffer[PATH_MAX];
    const char *name = below_at(directory, path, buffer);
    if (!name) return (int)REAL(syscall)(SYS_mkdirat, directory, path, mode);
    pthread_mutex_lock(&order);
    int result = -1;
    if (fails("mkdir", name, true) != 1) {
        result = (int)REAL(syscall)(SYS_mkdirat, directory, path, mode);
        struct stat status;
        if (!result && !fstatat(directory, path, &status, 0)) event(NULL, 0, "M %lu\t%s", (unsigned long)status.st_ino, name);
    }
    pthread_mutex_unlock(&order);
    return result;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

// --- syncs ---------------------------------------------------------------------------------------------------------------------------

// `kind`: f, d, or s for the whole file system.
static int synced(int fd, char kind) {
    char buffer[PATH_MAX];
    const char *name = below_fd(fd, buffer);
    long number = kind == 's' ? SYS_syncfs : kind == 'd' ? SYS_fdatasync : SYS_fsync;
    if (!name) return (int)REAL(syscall)(number, fd);
    pthread_mutex_lock(&order);
    int failing = fails(kind == 's' ? "syncfs" : kind == 'd' ? "fdatasync" : "fsync", name, true);
    long mine = ++sync_number;
    if (failing != 1 && !forget) event(NULL, 0, "B %d.%ld %lu %c\t%s", getpid(), mine, kind == 's' ? 0 : inode(fd), kind, name);
    pthread_mutex_unlock(&order);
    if (failing == 1) return -1;
    if (forget) return 0;
    int result = (int)REAL(syscall)(number, fd);
    if (!result) {
        pthread_mutex_lock(&order);
        event(NULL, 0, "E %d.%ld", getpid(), mine);
        pthread_mutex_unlock(&order);
    }
    return result;
}
int fsync(int fd) { return synced(fd, 'f'); }
int fdatasync(int fd) { return synced(fd, 'd'); }
int syncfs(int fd) { return synced(fd, 's'); }

// --- what the trace could not show ---------------------------------------------------------------------------------------------------

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t at) {
    char buffer[PATH_MAX];
    if (fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE) && below_fd(fd, buffer)) event(NULL, 0, "X a shared writable mapping");
    return (void *)REAL(syscall)(SYS_mmap, address, length, protection, flags, fd, at);
}
void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t at) {
    return mmap(address, length, protection, flags, fd, at);
}

long syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
    long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    char buffer[PATH_MAX];
    if (root_length) {
        switch (number) {
            case SYS_syncfs: return syncfs((int)a);
            case SYS_fsync: return fsync((int)a);
            case SYS_fdatasync: return fdatasync((int)a);
            case SYS_renameat2: return renameat2((int)a, (const char *)b, (int)c, (const char *)d, (unsigned)e);
            case SYS_pwrite64: return pwrite((int)a, (const void *)b, (size_t)c, d);
            case SYS_write: return write((int)a, (const void *)b, (size_t)c);
            case SYS_fallocate: return fallocate((int)a, (int)b, c, d);
            case SYS_openat: return opened((int)a, (const char *)b, (int)c, (mode_t)d);
            case SYS_io_uring_setup: errno = ENOSYS; return -1;
            case SYS_sync_file_range: return REAL(syscall)(number, a, b, c, d, e, f);  // promises nothing
            case SYS_sendfile: if (below_fd((int)a, buffer)) event(NULL, 0, "X sendfile"); break;
            case SYS_copy_file_range: if (below_fd((int)c, buffer)) event(NULL, 0, "X copy_file_range"); break;
            case SYS_pwritev2: if (below_fd((int)a, buffer)) event(NULL, 0, "X pwritev2"); break;
            default: break;
        }
    }
    return REAL(syscall)(number, a, b, c, d, e, f);
}

// --- the clock -----------------------------------------------------------------------------------------------------------------------

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)REAL(syscall)(SYS_clock_gettime, clock, time);
    if (!result && clock == CLOCK_REALTIME && clock_count) {
        time->tv_sec += (time_t)clock_steps[clock_next];
        if (clock_next + 1 < clock_count) clock_next++;
    }
    return result;
}
