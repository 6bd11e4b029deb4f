// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The program's control group (cgroups(7), version 2): the guest's kernel names the limit that was hit. What the machine as
// a whole may use is held from outside, whatever happens in here.
#include "guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "/cgroup/jail/"

static int put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t wrote = write(fd, text, strlen(text));
    close(fd);
    return wrote == (ssize_t)strlen(text) ? 0 : -1;
}

static int put_number(const char *path, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return put(path, text);
}

// The number after a key, or the whole file's when the key is empty.
static uint64_t get(const char *path, const char *key) {
    char text[2048];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0) return 0;
    text[got] = 0;
    const char *at = *key ? strstr(text, key) : text;
    return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

int group_make(const struct config *c, struct failure *f) {
    // A request that is larger than this small machine is met by the limit, like in the process tier, and not refused.
    if (put("/proc/sys/vm/overcommit_memory", "1")) return failed(f, "cgroup", "overcommit");
    mkdir("/cgroup", 0755);
    if (mount("cgroup", "/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) return failed(f, "cgroup", "mount");
    if (put("/cgroup/cgroup.subtree_control", "+memory +pids +cpu")) return failed(f, "cgroup", "controllers");
    if (mkdir(GROUP, 0755)) return failed(f, "cgroup", "mkdir");
    if (put_number(GROUP "memory.max", c->memory)) return failed(f, "cgroup", "memory.max");
    if (put(GROUP "memory.oom.group", "1")) return failed(f, "cgroup", "memory.oom.group");
    if (put_number(GROUP "pids.max", c->pids)) return failed(f, "cgroup", "pids.max");
    return 0;
}

int group_join(struct failure *f) { return put(GROUP "cgroup.procs", "0") ? failed(f, "cgroup", "join") : 0; }

int group_pids_events(void) {
    int fd = open(GROUP "pids.events", O_RDONLY | O_CLOEXEC);
    char ignored[64];
    // Read once: poll(2) tells of what changes after that.
    if (fd >= 0 && read(fd, ignored, sizeof ignored) < 0) return -1;
    return fd;
}

void group_kill(void) { put(GROUP "cgroup.kill", "1"); }

void group_usage(struct end *end) {
    end->memory_hits = get(GROUP "memory.events", "oom_kill ");
    end->pids_hits = get(GROUP "pids.events", "max ");
    end->cpu_ns = get(GROUP "cpu.stat", "usage_usec ") * 1000;
    end->peak = get(GROUP "memory.peak", "");
}
