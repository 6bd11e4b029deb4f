// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
//
// Preloaded into the supervisor: counts how often it makes something durable, and writes the counts to the file that
// ATOMIC_BENCH_SYNCS names when the process ends. No tracer, so that nothing else becomes slower.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long data_syncs, full_syncs, file_system_syncs;
static pid_t owner;

static void write_counts(void) {
    const char *path = getenv("ATOMIC_BENCH_SYNCS");
    // A child of ours inherits this library and is not counted.
    if (path == NULL || getpid() != owner) return;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return;
    dprintf(file, "%ld %ld %ld\n", data_syncs, full_syncs, file_system_syncs);
    close(file);
}

__attribute__((constructor)) static void begin(void) {
    owner = getpid();
    atexit(write_counts);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    data_syncs++;
    return real(fd);
}

int fsync(int fd) {
    static int (*real)(int);
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    full_syncs++;
    return real(fd);
}

// syncfs(2) is called by number.
long syscall(long number, ...) {
    static long (*real)(long, ...);
    if (real == NULL) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_syncfs) file_system_syncs++;
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
