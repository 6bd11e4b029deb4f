// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The jail's PID 1 from clone to the start of the program. The order matters; each line says what it must precede.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

_Noreturn void child_fail(const struct plan *p, const struct failure *f) {
    // write(2), not send(2): the program's filter may already be in force, and every filter allows write.
    ssize_t sent;
    do {
        sent = write(p->sync, f, sizeof *f);
    } while (sent < 0 && errno == EINTR);
    _exit(127);
}

static int await_launcher(const struct plan *p, struct failure *f) {
    char go;
    ssize_t got;
    do {
        got = recv(p->sync, &go, 1, 0);
    } while (got < 0 && errno == EINTR);
    return got == 1 ? 0 : failed_with(f, ECANCELED, "launcher", "gone");
}

// Speculation controls are forced where the processor has them; where it does not need them the kernel refuses.
static void speculation_off(void) {
    prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_FORCE_DISABLE, 0, 0);
    prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, PR_SPEC_FORCE_DISABLE, 0, 0);
}

static int set_up(const struct plan *p, struct failure *f) {
    // The launcher puts us into our cgroups first; a cgroup namespace shows as root the cgroup it is made in.
    if (await_launcher(p, f)) return -1;
    if (unshare(CLONE_NEWCGROUP)) return failed(f, "cgroup-namespace", "unshare");
    if (sethostname("jail", 4)) return failed(f, "hostname", "jail");
    if (mounts_enter(p, f)) return -1;
    // No controlling terminal, and signals of the launcher's process group do not reach us.
    if (setsid() < 0) return failed(f, "session", "setsid");
    if (rlimits_set(p, f)) return -1;
    speculation_off();
    if (user_become(p, f)) return -1;
    if (send(p->sync, "M", 1, MSG_NOSIGNAL) != 1) return failed(f, "launcher", "send");
    if (await_launcher(p, f)) return -1;
    if (rlimits_stand_in(p, f)) return -1;
    // The maps are written; from here on nothing outside the launcher may look into this process.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) return failed(f, "user", "dumpable");
    if (capabilities_drop(f)) return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return failed(f, "no-new-privileges", "prctl");
    return 0;
}

_Noreturn void child_main(const struct plan *p) {
    struct failure f;
    if (set_up(p, &f)) child_fail(p, &f);
    pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (program < 0) {
        failed(&f, "fork", "program");
        child_fail(p, &f);
    }
    if (program == 0) program_main(p);
    init_main(p, program);
}
