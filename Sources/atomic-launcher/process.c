// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Figures of a jail from /proc, for machines where the launcher has no cgroup to read them from.
#include "launcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool slurp(const char *path, char *out, size_t room) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = read(fd, out, room - 1);
    close(fd);
    if (got <= 0) return false;
    out[got] = 0;
    return true;
}

static void add_process(pid_t pid, struct tree_usage *u) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!slurp(path, text, sizeof text)) return;
    // Fields after the name, which may itself hold spaces and parentheses (proc(5)).
    char *at = strrchr(text, ')');
    unsigned long long user, system, waited_user, waited_system, threads;
    long long resident;
    if (!at || sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu %*d %*d %llu %*d %*u %*u %lld",
            &user, &system, &waited_user, &waited_system, &threads, &resident) != 6)
        return;
    uint64_t tick = 1000000000ull / (uint64_t)sysconf(_SC_CLK_TCK);
    u->cpu_ns += (user + system + waited_user + waited_system) * tick;
    u->bytes += (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
    u->processes += threads;
}

// Everything in a PID namespace descends from its PID 1: orphans become its children. The queue is bounded; a jail with
// more processes than that is far above any limit.
enum { MOST = 4096 };
static pid_t queue[MOST];

static size_t add_children(pid_t pid, const char *thread, size_t count) {
    char path[64], text[8192];
    snprintf(path, sizeof path, "/proc/%d/task/%.16s/children", pid, thread);
    if (!slurp(path, text, sizeof text)) return count;
    for (char *at = text, *end; count < MOST; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at) break;
        queue[count++] = (pid_t)child;
    }
    return count;
}

// A child belongs to the thread that forked it, so every thread is asked.
void process_usage(pid_t init, struct tree_usage *u) {
    size_t count = 1;
    memset(u, 0, sizeof *u);
    queue[0] = init;
    for (size_t i = 0; i < count; i++) {
        char path[64];
        add_process(queue[i], u);
        snprintf(path, sizeof path, "/proc/%d/task", queue[i]);
        DIR *threads = opendir(path);
        if (!threads) continue;
        for (struct dirent *e; (e = readdir(threads));)
            if (e->d_name[0] != '.') count = add_children(queue[i], e->d_name, count);
        closedir(threads);
    }
}
