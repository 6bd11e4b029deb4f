// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// One jail from request to running program, seen from the launcher.
#include "launcher.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

// Each jail has its own, so that per-user limits and signals of one never touch another.
static uid_t pick_uid(const struct machine *m, uint32_t slot) {
    if (!m->own_uid) return geteuid();
    return JAIL_IDS + ((uint32_t)getpid() * 1024u + slot) % JAIL_IDS_COUNT;
}

// The result is in the workspace. For its parent: the caller is the stem, and the jail becomes the launcher's child.
void jail_clone(const struct plan *p, int cgroup, bool for_parent) {
    struct clone_args args = {
        .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWTIME | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)&work->child_pidfd,
        .exit_signal = for_parent ? 0 : SIGCHLD,
    };
    if (for_parent) args.flags |= CLONE_PARENT;
    if (cgroup >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)cgroup;
    }
    pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (child == 0) child_main(p);
    work->child_error = errno;
    work->child = child;
}

// 1 a request for maps, 0 the program runs (the socket closed on exec), -1 a failure.
static int hear(int sync, uint64_t deadline, struct failure *f) {
    for (;;) {
        uint64_t now = now_ns();
        struct pollfd one = {.fd = sync, .events = POLLIN};
        int ready = poll(&one, 1, now >= deadline ? 0 : (int)((deadline - now) / 1000000) + 1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return failed_with(f, ETIMEDOUT, "setup", "the jail did not start in time");
        struct failure heard;
        ssize_t got = recv(sync, &heard, sizeof heard, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) return 0;
        if (got == 1) return 1;
        if (got != sizeof heard) return failed_with(f, EPROTO, "setup", "the jail's first process broke off");
        *f = heard;
        f->stage[STAGE_MAX - 1] = f->object[OBJECT_MAX - 1] = 0;
        return -1;
    }
}

static int go(int sync, struct failure *f) {
    return send(sync, "G", 1, MSG_NOSIGNAL) == 1 ? 0 : failed(f, "setup", "send");
}

static int bring_up(const struct plan *p, struct jail *j, int sync, struct failure *f) {
    uint64_t deadline = now_ns() + (uint64_t)SETUP_MS * 1000000;
    if (go(sync, f)) return -1;
    int heard = hear(sync, deadline, f);
    if (heard != 1) return heard < 0 ? -1 : failed_with(f, EPROTO, "setup", "ended before its maps");
    if (user_map(j->init, p->uid, p->gid, f) || go(sync, f)) return -1;
    heard = hear(sync, deadline, f);
    if (heard == 1) return failed_with(f, EPROTO, "setup", "asked twice for maps");
    if (heard < 0) return -1;
    // Closed without a word: exec, or PID 1 died of something that it could not report.
    siginfo_t info = {0};
    if (waitid(P_PIDFD, (id_t)j->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
        struct program_status status;
        if (recv(j->status, &status, sizeof status, MSG_PEEK | MSG_DONTWAIT) != sizeof status)
            return failed_with(f, ECHILD, "setup", "the jail's first process died");
    }
    return 0;
}

// The jail's PID 1, in its cgroups: from the stem that waits in them, or directly.
static int start(const struct plan *p, struct jail *j, struct failure *f) {
    bool stem = nursery_take(&j->cgroup);
    if (!stem && cgroup_make(&j->cgroup, f)) return -1;
    if (cgroup_limit(&j->cgroup, &j->limits, f)) {
        if (stem) nursery_end();
        return -1;
    }
    work->child = -1;
    if (!stem || nursery_clone()) {
        int cgroup = cgroup_descriptor(&j->cgroup);
        jail_clone(p, cgroup, false);
        if (cgroup >= 0) close(cgroup);
        stem = false;
    }
    if (work->child < 0) return failed_with(f, work->child_error, "clone", "namespaces");
    j->init = work->child;
    j->pidfd = work->child_pidfd;
    return stem ? 0 : cgroup_join(&j->cgroup, j->init, f);
}

int jail_launch(struct jail *j, const struct launch *l, const struct machine *m, struct failure *f) {
    struct plan *plan = &work->plan;
    int sync[2] = {-1, -1}, status[2] = {-1, -1};
    *plan = (struct plan){.launch = l, .machine = m, .filter = &work->filter};
    j->pidfd = j->status = -1;
    j->init = -1;
    j->killed_by = -1;
    j->peak = 0;
    j->limits = l->limits;
    j->uid = plan->uid = pick_uid(m, j->slot);
    plan->gid = m->own_uid ? plan->uid : getegid();
    bool good = !filter_load(l->filter_fd, plan->filter, f) && !sources_collect(plan, f);
    if (good && (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sync) ||
                 socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status))) {
        failed(f, "setup", "socketpair");
        good = false;
    }
    if (good) {
        plan->sync = sync[1];
        plan->status = status[1];
        j->status = status[0];
        good = !start(plan, j, f);
    }
    if (sync[1] >= 0) close(sync[1]);
    if (status[1] >= 0) close(status[1]);
    if (good) good = !bring_up(plan, j, sync[0], f);
    // Not before: the jail reads the same plan.
    sources_close(plan);
    if (sync[0] >= 0) close(sync[0]);
    if (good) {
        j->started_ns = now_ns();
        j->live = true;
        return 0;
    }
    if (j->init > 0) {
        kill(j->init, SIGKILL);
        while (waitpid(j->init, NULL, 0) < 0 && errno == EINTR) {}
    }
    if (j->pidfd >= 0) close(j->pidfd);
    if (j->status >= 0) close(j->status);
    cgroup_remove(&j->cgroup);
    return -1;
}
