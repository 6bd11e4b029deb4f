// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The program's own process up to exec: what the process tier takes away is taken away here too.
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHANNEL = 3, REPORT = 4, PARKED = 32 };

static int limit(int which, uint64_t soft, uint64_t hard) {
    struct rlimit next = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit((__rlimit_resource_t)which, &next);
}

static int limits(const struct config *c, struct failure *f) {
    if (limit(RLIMIT_CORE, 0, 0)) return failed(f, "rlimit", "core");
    if (limit(RLIMIT_CPU, c->cpu_seconds + 1, c->cpu_seconds + 2)) return failed(f, "rlimit", "cpu");
    if (limit(RLIMIT_FSIZE, c->file_bytes, c->file_bytes)) return failed(f, "rlimit", "fsize");
    if (limit(RLIMIT_MEMLOCK, 0, 0)) return failed(f, "rlimit", "memlock");
    if (limit(RLIMIT_MSGQUEUE, 0, 0)) return failed(f, "rlimit", "msgqueue");
    if (limit(RLIMIT_SIGPENDING, 256, 256)) return failed(f, "rlimit", "sigpending");
    if (limit(RLIMIT_STACK, 8 << 20, 64 << 20)) return failed(f, "rlimit", "stack");
    if (limit(RLIMIT_NICE, 0, 0) || limit(RLIMIT_RTPRIO, 0, 0)) return failed(f, "rlimit", "priority");
    if (limit(RLIMIT_NOFILE, c->open_files, c->open_files)) return failed(f, "rlimit", "nofile");
    return 0;
}

// 0, 1, 2, the channel as 3, the agent's pipe as 4 (close-on-exec), and nothing else.
static int descriptors(const struct streams *s, int *report, struct failure *f) {
    int from[5] = {s->in, s->out, s->err, s->channel, *report};
    for (int i = 0; i < 5; i++) {
        if (from[i] < 0) continue;
        from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, PARKED);
        if (from[i] < 0) return failed(f, "descriptors", "dup");
    }
    if (dup3(from[4], REPORT, O_CLOEXEC) < 0) return failed(f, "descriptors", "report");
    *report = REPORT;
    for (int i = 0; i < 3; i++)
        if (dup2(from[i], i) < 0) return failed(f, "descriptors", "stdio");
    if (from[3] < 0) close(CHANNEL);
    else if (dup2(from[3], CHANNEL) < 0) return failed(f, "descriptors", "channel");
    if (syscall(SYS_close_range, REPORT + 1, ~0u, 0)) return failed(f, "descriptors", "close_range");
    return 0;
}

// The new root over the old one: nothing of the initial file system stays reachable.
static int enter_root(const struct config *c, struct failure *f) {
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return failed(f, "guest-root", "unshare");
    if (chdir(NEW_ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".")) return failed(f, "guest-root", "enter");
    if (chdir(c->cwd)) return failed(f, "working-directory", c->cwd);
    return 0;
}

static int become(struct failure *f) {
    for (int capability = 0; capability <= 63; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) && errno != EINVAL) return failed(f, "capabilities", "bounding set");
    unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                         SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0)) return failed(f, "capabilities", "securebits");
    if (setgroups(0, NULL) || setresgid(PROGRAM_ID, PROGRAM_ID, PROGRAM_ID) ||
        setresuid(PROGRAM_ID, PROGRAM_ID, PROGRAM_ID))
        return failed(f, "user", "become");
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}, {0}};
    if (syscall(SYS_capset, &header, none)) return failed(f, "capabilities", "capset");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return failed(f, "no-new-privileges", "prctl");
    return 0;
}

static int run(const struct config *c, struct failure *f) {
    static const char *const places[] = {"/usr/local/bin", "/usr/bin", "/bin"};
    char *const *argv = (char *const *)(uintptr_t)c->argv;
    char *const *envp = (char *const *)(uintptr_t)c->envp;
    if (strchr(c->argv[0], '/')) {
        execve(c->argv[0], argv, envp);
        return failed(f, "exec", c->argv[0]);
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[STRING_MAX + 32];
        snprintf(path, sizeof path, "%s/%s", places[i], c->argv[0]);
        execve(path, argv, envp);
        if (errno != ENOENT && errno != ENOTDIR) break;
    }
    return failed(f, "exec", c->argv[0]);
}

_Noreturn void program_main(const struct config *c, const struct streams *inside, int report) {
    struct failure f;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    // The filter is last: what it forbids, we still needed. It must allow execve, and write for the report of a failed one.
    if (!group_join(&f) && !enter_root(c, &f) && !descriptors(inside, &report, &f) && !limits(c, &f) && !become(&f)) {
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &c->filter)) failed(&f, "filter", "seccomp");
        else run(c, &f);
    }
    while (write(report, &f, sizeof f) < 0 && errno == EINTR) {}
    _exit(127);
}
