// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// atomic-launcher [--binds caller]: see launcher.h. Descriptor 3 is the supervisor's socket.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct workspace *work;
static struct machine machine;
static struct jail jails[JAILS_MAX];
static uint64_t last_id;

static int start(struct failure *f) {
    // The supervisor's environment, descriptors and terminal are none of ours.
    clearenv();
    umask(022);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) return failed(f, "start", "/dev/null");
    for (int i = 0; i < 3; i++)
        if (dup2(nothing, i) < 0) return failed(f, "start", "stdio");
    if (syscall(SYS_close_range, SUPERVISOR + 1, ~0u, 0)) return failed(f, "start", "close_range");
    if (fcntl(SUPERVISOR, F_SETFD, FD_CLOEXEC)) return failed(f, "start", "socket");
    setsid();
    if (chdir("/")) return failed(f, "start", "chdir");
    // Whatever priority the launcher was given, its jails have an ordinary one; a real-time one could not even join a
    // cgroup of CPU.
    struct sched_param priority;
    if (sched_getparam(0, &priority) || sched_setscheduler(0, sched_getscheduler(0) | SCHED_RESET_ON_FORK, &priority))
        return failed(f, "start", "scheduling");
    signal(SIGPIPE, SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    work = mmap(NULL, sizeof *work, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (work == MAP_FAILED) return failed(f, "start", "memory");
    // Before the namespaces: cgroup and mount tables are those of the caller.
    machine.limits = cgroups_find();
    machine.landlock = landlock_abi();
    return machine_enter(&machine, f);
}

static struct jail *free_jail(void) {
    for (size_t i = 0; i < JAILS_MAX; i++) {
        if (jails[i].live) continue;
        // A cgroup that could not be removed at once (its last process was still on its way out).
        if (jails[i].cgroup.made) cgroup_remove(&jails[i].cgroup);
        if (jails[i].cgroup.made) continue;
        jails[i].slot = (uint32_t)i;
        return &jails[i];
    }
    return NULL;
}

static void answer_launch(const struct launch *l) {
    struct failure f;
    struct jail *j = free_jail();
    int pair[2];
    if (!j) {
        failed_with(&f, EMFILE, "launch", "too many jails");
        reply_failure(&f);
        return;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        failed(&f, "launch", "socketpair");
        reply_failure(&f);
        return;
    }
    if (jail_launch(j, l, &machine, &f)) {
        reply_failure(&f);
        close(pair[0]);
    } else {
        j->control = pair[0];
        j->id = ++last_id;
        int fds[] = {pair[1], j->pidfd};
        reply_ok(j->id, fds, 2);
    }
    close(pair[1]);
}

static void answer(struct message *m, struct request *r) {
    struct failure f;
    uint64_t number;
    int directory;
    if (request_parse(m, r, &f)) {
        reply_failure(&f);
        return;
    }
    switch (r->type) {
    case REQUEST_STAGE:
        if (image_stage(r->bytes, r->inodes, &number, &directory, &f)) reply_failure(&f);
        else reply_ok(number, &directory, 1);
        break;
    case REQUEST_SEAL:
        if (image_seal(r->image, &f)) reply_failure(&f);
        else reply_ok(r->image, NULL, 0);
        break;
    case REQUEST_DROP:
        if (image_drop(r->image, &f)) reply_failure(&f);
        else reply_ok(r->image, NULL, 0);
        break;
    default:
        answer_launch(&r->launch);
    }
}

// The supervisor is gone: so is every jail.
static _Noreturn void leave(void) {
    nursery_end();
    for (size_t i = 0; i < JAILS_MAX; i++)
        if (jails[i].live) jail_kill(&jails[i], CAUSE_SIGNAL);
    for (size_t i = 0; i < JAILS_MAX; i++) {
        if (jails[i].live) jail_ended(&jails[i], machine.limits);
        if (jails[i].cgroup.made) cgroup_remove(&jails[i].cgroup);
    }
    _exit(0);
}

// How long to sleep: not at all longer than a tick while something runs, and up to the nearest wall-clock deadline.
static int patience(void) {
    uint64_t now = now_ns();
    int wait = -1;
    for (size_t i = 0; i < JAILS_MAX; i++) {
        const struct jail *j = &jails[i];
        if (!j->live) continue;
        uint64_t end = j->started_ns + j->limits.wall_ns;
        uint64_t left = end > now ? (end - now) / 1000000 + 1 : 0;
        int mine = left < TICK_MS ? (int)left : TICK_MS;
        if (wait < 0 || mine < wait) wait = mine;
    }
    return wait;
}

static _Noreturn void serve(void) {
    static struct pollfd wanted[1 + 2 * JAILS_MAX];
    static size_t owner[1 + 2 * JAILS_MAX];
    for (;;) {
        nfds_t count = 1;
        wanted[0] = (struct pollfd){.fd = SUPERVISOR, .events = POLLIN};
        for (size_t i = 0; i < JAILS_MAX; i++) {
            if (!jails[i].live) continue;
            owner[count] = owner[count + 1] = i;
            wanted[count++] = (struct pollfd){.fd = jails[i].pidfd, .events = POLLIN};
            // Once killed, its socket may stay readable for ever (closed): it has nothing more to say.
            wanted[count++] = (struct pollfd){.fd = jails[i].killed_by < 0 ? jails[i].control : -1, .events = POLLIN};
        }
        if (poll(wanted, count, patience()) < 0 && errno != EINTR) leave();
        for (nfds_t i = 1; i < count; i += 2) {
            struct jail *j = &jails[owner[i]];
            if (wanted[i].revents) jail_ended(j, machine.limits);
            else if (wanted[i + 1].revents) jail_command(j);
            else jail_tick(j, machine.limits);
        }
        if (!wanted[0].revents) continue;
        int got = message_receive(SUPERVISOR, &work->message);
        if (got == 0) leave();
        if (got < 0) {
            struct failure f;
            failed_with(&f, EBADMSG, "request", "oversize or foreign control data");
            reply_failure(&f);
            continue;
        }
        answer(&work->message, &work->request);
        message_close_fds(&work->message);
        nursery_prepare(&machine);
    }
}

int main(int argc, char **argv) {
    struct failure f;
    machine.caller_binds = argc == 3 && !strcmp(argv[1], "--binds") && !strcmp(argv[2], "caller");
    if (argc != 1 && !machine.caller_binds) return 2;
    if (start(&f)) {
        reply_failure(&f);
        return 1;
    }
    hello(&machine);
    nursery_prepare(&machine);
    serve();
}
