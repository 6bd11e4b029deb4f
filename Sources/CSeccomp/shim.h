// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
#pragma once
#include <linux/memfd.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

// Glibc's Swift module leaves out what needs _GNU_SOURCE; these are the few calls that the jail needs.
static inline int atomic_memfd_create(const char *name, unsigned int flags) {
    return (int)syscall(SYS_memfd_create, name, flags);
}
