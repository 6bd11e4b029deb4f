// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The last steps before exec, in the program's own process. It shares PID 1's memory (vfork), so it writes nothing there but
// its failure and its own part of the stack.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

enum { CHANNEL = 3, PARKED = 200 };

// 0, 1, 2, the channel as 3, and nothing else. All sources are moved out of the way first, because one of them may sit on
// the number that another one needs. PARKED is above whatever a request can bring.
static int descriptors(const struct plan *p, struct failure *f) {
    int from[4] = {p->stdio[0], p->stdio[1], p->stdio[2], p->channel};
    for (int i = 0; i < 4; i++) {
        if (from[i] < 0) continue;
        int parked = fcntl(from[i], F_DUPFD_CLOEXEC, PARKED);
        if (parked < 0) return failed(f, "descriptors", "dup");
        from[i] = parked;
    }
    for (int i = 0; i < 3; i++)
        if (dup2(from[i], i) < 0) return failed(f, "descriptors", "stdio");
    if (from[3] < 0) close(CHANNEL);
    else if (dup2(from[3], CHANNEL) < 0) return failed(f, "descriptors", "channel");
    if (wall(WALL_DESCRIPTORS_PROGRAM) && syscall(SYS_close_range, CHANNEL + 1, ~0u, 0)) return failed(f, "descriptors", "close_range");
    return 0;
}

static int run(const struct launch *l, struct failure *f) {
    static const char *const places[] = {"/usr/local/bin", "/usr/bin", "/bin"};
    char *const *argv = (char *const *)(uintptr_t)l->argv;
    char *const *envp = (char *const *)(uintptr_t)l->envp;
    if (strchr(l->argv[0], '/')) {
        execve(l->argv[0], argv, envp);
        return failed(f, "exec", l->argv[0]);
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[STRING_MAX + 32];
        snprintf(path, sizeof path, "%s/%s", places[i], l->argv[0]);
        execve(path, argv, envp);
        if (errno != ENOENT && errno != ENOTDIR) break;
    }
    return failed(f, "exec", l->argv[0]);
}

static int prepare(const struct plan *p, const struct launch *l, struct failure *f) {
    if (landlock_enter(p, l->flags, f)) return -1;
    if (l->flags & LAUNCH_MDWE && wall(WALL_WRITE_EXECUTE) && prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) && errno != EINVAL)
        return failed(f, "write-execute", "prctl");
    if (descriptors(p, f) || rlimit_descriptors(&l->limits, f)) return -1;
    // The filter is last: what it forbids, we still needed. It must allow execve, and exit_group after a failed one.
    return wall(WALL_FILTER) ? filter_install(&work->filter, f) : 0;
}

_Noreturn void program_main(const struct plan *p, const struct launch *l) {
    struct failure f;
    if (prepare(p, l, &f) || run(l, &f)) work->failure = f;
    _exit(127);
}
