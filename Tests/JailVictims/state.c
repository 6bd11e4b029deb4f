// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

// Open descriptors, one line.
static int descriptors(const char *a) {
    (void)a;
    DIR *d = opendir("/proc/self/fd");
    if (!d) return -1;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(d)) printf("%s ", e->d_name);
    puts("");
    return 0;
}

static int environment(const char *a) {
    (void)a;
    for (char **e = environ; *e; e++) puts(*e);
    return 0;
}

static int status(const char *a) {
    (void)a;
    FILE *f = fopen("/proc/self/status", "r");
    char line[512];
    if (!f) return -1;
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs", 10) || !strncmp(line, "Seccomp:", 8) ||
            !strncmp(line, "Uid", 3) || !strncmp(line, "Gid", 3))
            fputs(line, stdout);
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    printf("core %lu\n", (unsigned long)core.rlim_max);
    return 0;
}

static int namespaces(const char *a) {
    (void)a;
    static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    for (int i = 0; i < 8; i++) {
        char path[64], target[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        ssize_t n = readlink(path, target, sizeof target - 1);
        if (n < 0) return -1;
        target[n] = 0;
        puts(target);
    }
    return 0;
}

// Where something is mounted, one line each.
static int mounts(const char *a) {
    (void)a;
    char line[4096], point[4096];
    FILE *f = fopen("/proc/self/mountinfo", "r");
    if (!f) return -1;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1) puts(point);
    return 0;
}

// Makes written memory executable.
static int write_execute(const char *a) {
    (void)a;
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? -1 : mprotect(at, 4096, PROT_READ | PROT_EXEC);
}

// Asks for memory that is both at once.
static int write_execute_at_once(const char *a) {
    (void)a;
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? -1 : 0;
}

// A CPU of its choice: where it can listen to a neighbour.
static int choose_cpu(const char *a) {
    (void)a;
    cpu_set_t all;
    return sched_getaffinity(0, sizeof all, &all) || sched_setaffinity(0, sizeof all, &all) ? -1 : 0;
}

// A signal for whenever something can be read: F_SETOWN.
static int signal_on_input(const char *a) { (void)a; return fcntl(0, F_SETOWN, getpid()); }

static int lock_file(const char *a) {
    int file = open(a, O_RDONLY);
    return file < 0 ? -1 : flock(file, LOCK_EX | LOCK_NB);
}

static int echo_channel(const char *a) {
    (void)a;
    char buffer[256];
    ssize_t got = read(3, buffer, sizeof buffer);
    return got > 0 && write(3, buffer, (size_t)got) == got ? 0 : -1;
}

const struct probe state_probes[] = {
    {"descriptors", descriptors}, {"environment", environment}, {"status", status}, {"namespaces", namespaces},
    {"mounts", mounts}, {"write-execute", write_execute}, {"echo-channel", echo_channel},
    {"write-execute-at-once", write_execute_at_once}, {"choose-cpu", choose_cpu},
    {"signal-on-input", signal_on_input}, {"lock-file", lock_file}, {0},
};
