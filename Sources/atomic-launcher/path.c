// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Paths inside a tree that somebody else wrote: an image may hold `dev -> /etc`, and then a plain openat of `dev/null`,
// with the launcher's rights, would make a file on the host.
#include "launcher.h"

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_beneath(int root, const char *path, uint64_t flags, uint64_t mode) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = wall(WALL_NO_LINKS) ? RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS : 0};
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}
