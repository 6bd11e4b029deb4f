// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The last steps before exec, in the program's own process.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

enum { CHANNEL = 3, SYNC = 4, PARKED = 32 };

// 0, 1, 2, the channel as 3, the launcher's socket as 4 (close-on-exec), and nothing else. All sources are moved out of
// the way first, because one of them may sit on the number that another one needs.
static int descriptors(const struct plan *p, struct plan *moved, struct failure *f) {
    const struct launch *l = p->launch;
    int from[5] = {l->stdio[0], l->stdio[1], l->stdio[2], l->channel, p->sync};
    for (int i = 0; i < 5; i++) {
        if (from[i] < 0) continue;
        int parked = fcntl(from[i], F_DUPFD_CLOEXEC, PARKED);
        if (parked < 0) return failed(f, "descriptors", "dup");
        from[i] = parked;
    }
    if (dup3(from[4], SYNC, O_CLOEXEC) < 0) return failed(f, "descriptors", "sync");
    moved->sync = SYNC;
    for (int i = 0; i < 3; i++)
        if (dup2(from[i], i) < 0) return failed(f, "descriptors", "stdio");
    if (from[3] < 0) close(CHANNEL);
    else if (dup2(from[3], CHANNEL) < 0) return failed(f, "descriptors", "channel");
    if (syscall(SYS_close_range, SYNC + 1, ~0u, 0)) return failed(f, "descriptors", "close_range");
    return 0;
}

static int default_signals(struct failure *f) {
    struct sigaction fresh = {.sa_handler = SIG_DFL};
    for (int s = 1; s < NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP && sigaction(s, &fresh, NULL) && errno != EINVAL)
            return failed(f, "signals", "default");
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL)) return failed(f, "signals", "mask");
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

_Noreturn void program_main(const struct plan *p) {
    struct failure f;
    struct plan moved = *p;
    if (default_signals(&f)) child_fail(p, &f);
    if (landlock_enter(p, &f)) child_fail(p, &f);
    if (p->launch->flags & LAUNCH_MDWE && prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) && errno != EINVAL) {
        failed(&f, "write-execute", "prctl");
        child_fail(p, &f);
    }
    if (descriptors(p, &moved, &f) || rlimit_descriptors(p, &f)) child_fail(&moved, &f);
    // The filter is last: what it forbids, we still needed. It must allow execve, and write for the report
    // of a failed one.
    if (filter_install(p->filter, &f) || run(p->launch, &f)) child_fail(&moved, &f);
    _exit(127);
}
