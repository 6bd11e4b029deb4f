// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The jail's PID 1 until the program runs. It is made before anybody wants it: namespaces and a cgroup of its own, everything
// done that no request can change. Then it waits; what is left when a request comes is short. The order matters; each line
// says what it must precede.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void give_up(int sync, const struct failure *f) {
    packet_send(sync, f, sizeof *f, NULL, 0);
    _exit(127);
}

// Speculation controls are forced where the processor has them; where it does not need them the kernel refuses.
static void speculation_off(void) {
    prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_FORCE_DISABLE, 0, 0);
    prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_FORCE_DISABLE, 0, 0);
}

// The program starts with these; a handler or an ignored signal of the launcher's caller would outlive exec.
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

// What needs no request. Returns the jail's own /proc, not attached yet.
static int park(struct failure *f) {
    // The launcher may have died before the signal was asked for: then its end of `sync` is closed and nobody writes.
    if (wall(WALL_DEATH_SIGNAL) && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
        return failed(f, "park", "parent death signal");
    // The keeper was in the jail's cgroups: a cgroup namespace shows as root the cgroup that it is made in.
    if (wall(WALL_CGROUP_NAMESPACE) && unshare(CLONE_NEWCGROUP)) return failed(f, "cgroup-namespace", "unshare");
    if (wall(WALL_UTS_NAMESPACE) && sethostname("jail", 4)) return failed(f, "hostname", "jail");
    // No controlling terminal, and signals of the launcher's process group do not reach us.
    if (wall(WALL_SESSION) && setsid() < 0) return failed(f, "session", "setsid");
    if ((wall(WALL_DEFAULT_SIGNALS) && default_signals(f)) || rlimits_park(f)) return -1;
    if (wall(WALL_SPECULATION)) speculation_off();
    int proc = proc_make();
    return proc < 0 ? failed(f, "mount-proc", "/proc") : proc;
}

// The descriptors of a request come in the order of the plan (jail.c).
static int adopt(struct plan *p, uint32_t flags, const int *fds, size_t count) {
    size_t n = 0;
    if (p->space >= 0) p->space = fds[n++];
    if (p->root >= 0) p->root = fds[n++];
    for (int i = 0; i < DEVICES; i++)
        if (p->dev[i] >= 0) p->dev[i] = fds[n++];
    for (size_t i = 0; i < p->tree_count; i++) p->trees[i].fd = fds[n++];
    p->tmp = fds[n++];
    for (int i = 0; i < 3; i++) p->stdio[i] = fds[n++];
    p->channel = flags & LAUNCH_CHANNEL ? fds[n++] : -1;
    return n == count ? 0 : -1;
}

static int set_up(const struct plan *p, const struct launch *l, int proc, struct failure *f) {
    if (mounts_enter(p, l->cwd, proc, f)) return -1;
    if (rlimits_set(&l->limits, f)) return -1;
    if (user_become(p, proc, f)) return -1;
    if (rlimits_stand_in(p, &l->limits, f)) return -1;
    if (capabilities_drop(f)) return -1;
    if (wall(WALL_NO_NEW_PRIVILEGES) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return failed(f, "no-new-privileges", "prctl");
    // Until now the launcher kept this process beside itself (jail.c).
    if (CPU_COUNT(&p->processors) && sched_setaffinity(0, sizeof p->processors, &p->processors))
        return failed(f, "processors", "sched_setaffinity");
    return 0;
}

_Noreturn void parked_main(int given) {
    enum { SYNC = 3 };
    struct failure f;
    // Nothing of the launcher's stays, in particular nothing of other jails.
    if (given != SYNC && dup3(given, SYNC, O_CLOEXEC) < 0) _exit(126);
    if (wall(WALL_DESCRIPTORS_PARKED) &&
        (syscall(SYS_close_range, SYNC + 1, ~0u, 0) || syscall(SYS_close_range, 0, SYNC - 1, 0)))
        _exit(126);
    int proc = park(&f);
    if (proc < 0) give_up(SYNC, &f);
    // Who cannot be heard is no jail: the launcher would wait for it.
    if (packet_send(SYNC, &(char){SAY_PARKED}, 1, NULL, 0) != 1) _exit(126);

    char go;
    int fds[PACKET_FDS];
    size_t count;
    ssize_t got = packet_receive(SYNC, &go, 1, fds, &count);
    if (got < 0) {
        failed(&f, "setup", "descriptors");
        give_up(SYNC, &f);
    }
    if (got != 1) _exit(0);
    struct plan *p = &work->plan;
    const struct launch *l = &work->request.launch;
    if (adopt(p, l->flags, fds, count)) {
        failed_with(&f, EPROTO, "launcher", "descriptors");
        give_up(SYNC, &f);
    }
    if (set_up(p, l, proc, &f)) give_up(SYNC, &f);
    // The program shares this memory until its exec, and this process waits until then: no page table is copied. It never
    // returns from program_main, so the frame below is whole when we come back.
    work->failure.error = 0;
    pid_t program = vfork();
    if (program == 0) program_main(p, l);
    if (program < 0) {
        failed(&f, "fork", "program");
        give_up(SYNC, &f);
    }
    if (work->failure.error) {
        f = work->failure;
        give_up(SYNC, &f);
    }
    // The change of identity cleared the signal of the launcher's death, and it may have died just then: a jail that nobody
    // watches ends here, and its program with it.
    if (packet_send(SYNC, &(char){SAY_RUNS}, 1, NULL, 0) != 1) _exit(126);
    init_main(SYNC, program);
}
