// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The stem: a process that sits in the cgroups of the next jail and waits. Joining a cgroup of v1 costs 5 to 15 ms when
// nobody did it lately (the kernel waits for every CPU), so the stem pays that while nobody waits, and the jail, cloned by
// the stem, inherits. cgroup v2 has CLONE_INTO_CGROUP and needs no stem.
//
// The stem shares the launcher's descriptors (CLONE_FILES) and the workspace, and no other memory; the jail becomes the
// launcher's child, not the stem's (CLONE_PARENT).
#include "launcher.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t stem = -1;
static int bell = -1;           // an eventfd; one ring, one jail
static struct cgroup next;

static _Noreturn void stem_main(pid_t launcher) {
    struct failure f;
    uint64_t rings;
    // The launcher may have died before the signal was asked for.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != launcher) _exit(1);
    if (cgroup_join(&next, getpid(), &f)) _exit(1);
    ssize_t got;
    do {
        got = read(bell, &rings, sizeof rings);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof rings) _exit(1);
    jail_clone(&work->plan, -1, true);
    _exit(0);
}

// Whatever fails here only means that the next jail is started directly.
void nursery_prepare(const struct machine *m) {
    struct failure f;
    if (stem > 0 || m->limits != LIMITS_CGROUP1) return;
    if (!next.made && cgroup_make(&next, &f)) {
        cgroup_remove(&next);
        return;
    }
    bell = eventfd(0, EFD_CLOEXEC);
    if (bell < 0) return;
    pid_t launcher = getpid();
    stem = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (stem == 0) stem_main(launcher);
    if (stem < 0) close(bell);
}

// Reaps the stem; its exit status, or -1.
static int reap(void) {
    int status = -1;
    while (waitpid(stem, &status, 0) < 0 && errno == EINTR) {}
    close(bell);
    stem = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool nursery_take(struct cgroup *c) {
    if (stem <= 0) return false;
    *c = next;
    next.made = false;
    return true;
}

// The jail of the plan in the workspace. When this fails nothing was cloned, and no stem is left.
int nursery_clone(void) {
    uint64_t ring = 1;
    if (write(bell, &ring, sizeof ring) != sizeof ring) kill(stem, SIGKILL);
    return reap();
}

void nursery_end(void) {
    if (stem > 0) {
        kill(stem, SIGKILL);
        reap();
    }
    if (next.made) cgroup_remove(&next);
}
