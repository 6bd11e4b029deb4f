// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// System calls that Swift's Glibc module does not show, by number. Each returns what the man page says, with errno.
#pragma once

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...);

/// syncfs(2)
static inline int linux_syncfs(int fd) { return (int)syscall(SYS_syncfs, fd); }

/// memfd_create(2)
static inline int linux_memfd_create(const char *name, unsigned int flags) {
    return (int)syscall(SYS_memfd_create, name, flags);
}

/// sendfile(2) from where the source stands.
static inline long linux_sendfile(int to, int from, size_t bytes) { return syscall(SYS_sendfile, to, from, NULL, bytes); }

/// close_range(2)
static inline int linux_close_range(unsigned int first, unsigned int last, unsigned int flags) {
    return (int)syscall(SYS_close_range, first, last, flags);
}

/// pidfd_send_signal(2)
static inline int linux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

/// pipe2(2)
static inline int linux_pipe2(int ends[2], int flags) { return (int)syscall(SYS_pipe2, ends, flags); }

/// Blocks signals in the calling thread, and in threads that it makes, and returns a descriptor that tells of them:
/// rt_sigprocmask(2) and signalfd4(2), close-on-exec and non-blocking.
static inline int linux_signal_descriptor(const int *signals, size_t count) {
    unsigned long long set = 0;
    for (size_t i = 0; i < count; i++) set |= 1ULL << (signals[i] - 1);
    if (syscall(SYS_rt_sigprocmask, 0, &set, NULL, sizeof set)) return -1;
    return (int)syscall(SYS_signalfd4, -1, &set, sizeof set, 02004000);
}

/// accept4(2) without an address, close-on-exec and non-blocking.
static inline int linux_accept(int socket) { return (int)syscall(SYS_accept4, socket, NULL, NULL, 02004000); }

/// renameat2(2) with RENAME_NOREPLACE, paths relative to the working directory.
static inline int linux_rename_new(const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, -100, from, -100, to, 1);
}

/// prctl(2) with PR_GET_MDWE: -1 where the kernel does not know it (before Linux 6.3).
static inline int linux_get_mdwe(void) { return (int)syscall(SYS_prctl, 66, 0, 0, 0, 0); }

/// openat2(2): opens for reading below a directory and nowhere else. A link anywhere in the path, `..` out of the directory
/// and an absolute path fail with ELOOP or EXDEV (RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS). `flags` are
/// those of open(2), all for reading.
static inline int linux_open_beneath(int directory, const char *path, int flags) {
    const unsigned long long how[3] = {(unsigned long long)(unsigned)flags, 0, 0x08 | 0x04 | 0x02};
    return (int)syscall(SYS_openat2, directory, path, how, sizeof how);
}

/// fgetxattr(2): whether a file has this extended attribute.
static inline int linux_has_attribute(int fd, const char *name) {
    return syscall(SYS_fgetxattr, fd, name, NULL, (size_t)0) >= 0;
}
