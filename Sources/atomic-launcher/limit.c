// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Limits of one process. Those of all processes together are the cgroup's (cgroup.c).
#include "launcher.h"

#include <sys/resource.h>

// Never above the limit that the launcher itself has: raising one takes a capability it may not have.
static int lower(int which, uint64_t soft, uint64_t hard) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)which, &now)) return -1;
    if (hard > now.rlim_max) hard = now.rlim_max;
    if (soft > hard) soft = hard;
    struct rlimit next = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit((__rlimit_resource_t)which, &next);
}

// What no request changes.
int rlimits_park(struct failure *f) {
    // 1, not 0: a core_pattern that is a pipe ignores 0.
    if (wall(WALL_CORE) && lower(RLIMIT_CORE, 1, 1)) return failed(f, "rlimit", "core");
    if (wall(WALL_LIMIT_LOCKED_MEMORY) && lower(RLIMIT_MEMLOCK, 0, 0)) return failed(f, "rlimit", "memlock");
    if (wall(WALL_LIMIT_QUEUES) && lower(RLIMIT_MSGQUEUE, 0, 0)) return failed(f, "rlimit", "msgqueue");
    if (lower(RLIMIT_SIGPENDING, 256, 256)) return failed(f, "rlimit", "sigpending");
    if (lower(RLIMIT_STACK, 8 << 20, 64 << 20)) return failed(f, "rlimit", "stack");
    if (lower(RLIMIT_NICE, 0, 0)) return failed(f, "rlimit", "nice");
    if (lower(RLIMIT_RTPRIO, 0, 0)) return failed(f, "rlimit", "rtprio");
    return 0;
}

int rlimits_set(const struct limits *l, struct failure *f) {
    uint64_t cpu = (l->cpu_ns + 999999999) / 1000000000;
    // The launcher holds the exact limit (watch.c); this one counts ticks, and is here in case the launcher is late.
    if (wall(WALL_LIMIT_CPU) && lower(RLIMIT_CPU, cpu + 1, cpu + 2)) return failed(f, "rlimit", "cpu");
    if (wall(WALL_LIMIT_FILE) && lower(RLIMIT_FSIZE, l->file_bytes, l->file_bytes)) return failed(f, "rlimit", "fsize");
    return 0;
}

// When the descriptors are in place: the moves that put them there need numbers above a small limit.
int rlimit_descriptors(const struct limits *l, struct failure *f) {
    return wall(WALL_LIMIT_OPEN_FILES) && lower(RLIMIT_NOFILE, l->open_files, l->open_files) ? failed(f, "rlimit", "nofile") : 0;
}

// Where there is no cgroup. After the user namespace is entered: it remembers the limit of processes that its maker had
// and holds everything of the caller outside to it. Room above the limits, so that the launcher sees them crossed and
// can name the cause (watch.c).
int rlimits_stand_in(const struct plan *p, const struct limits *l, struct failure *f) {
    if (p->machine.limits != LIMITS_RLIMIT) return 0;
    enum { VISIBLE = 8 };
    if (wall(WALL_LIMIT_PIDS) && lower(RLIMIT_NPROC, l->pids + 1 + VISIBLE, l->pids + 1 + VISIBLE)) return failed(f, "rlimit", "nproc");
    uint64_t data = 2 * l->memory + ((uint64_t)1 << 30);
    if (wall(WALL_LIMIT_MEMORY) && lower(RLIMIT_DATA, data, data)) return failed(f, "rlimit", "data");
    return 0;
}
