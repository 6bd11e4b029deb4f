// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// atomic-launcher [--binds caller] [--once] [--in-place]: see launcher.h. Descriptor 3 is the supervisor's socket.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct workspace *work;
struct machine machine;
static uint64_t last_id;

// Run from its file and not from a sealed copy: PID 1 of each jail is this file too, so no jail may be somebody who could write it.
static int in_place(const struct stat *own, uid_t user, struct failure *f) {
    bool root_alone = own->st_uid == 0 && !(own->st_mode & (S_IWGRP | S_IWOTH));
    return root_alone && (machine.own_uid || user != 0) ? 0 : failed_with(f, EPERM, "in-place", "a jail could write the launcher");
}

static int start(struct failure *f) {
    // The supervisor's environment, descriptors and terminal are none of ours.
    clearenv();
    umask(022);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) return failed(f, "start", "/dev/null");
    for (int i = 0; i < 3; i++)
        if (dup2(nothing, i) < 0) return failed(f, "start", "stdio");
    if (wall(WALL_DESCRIPTORS_LAUNCHER) && syscall(SYS_close_range, SUPERVISOR + 1, ~0u, 0))
        return failed(f, "start", "close_range");
    if (fcntl(SUPERVISOR, F_SETFD, FD_CLOEXEC)) return failed(f, "start", "socket");
    setsid();
    if (chdir("/")) return failed(f, "start", "chdir");
    // Whatever priority the launcher was given, its jails have an ordinary one; a real-time one could not even join a
    // cgroup of CPU.
    struct sched_param priority;
    if (sched_getparam(0, &priority) || sched_setscheduler(0, sched_getscheduler(0) | SCHED_RESET_ON_FORK, &priority))
        return failed(f, "start", "scheduling");
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return failed(f, "start", "SIGPIPE");
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    work = mmap(NULL, sizeof *work, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (work == MAP_FAILED) return failed(f, "start", "memory");
    // Descriptors of many jails at one time; the programs inside get a limit of their own.
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files)) return failed(f, "start", "nofile");
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files)) return failed(f, "start", "nofile");
    for (size_t i = 0; i < JAILS_MAX; i++) slots[i] = (struct slot){.keeper = -1, .init = -1, .pidfd = -1, .sync = -1, .tmp = -1};
    // Before the namespaces: cgroup and mount tables are those of the caller.
    machine.limits = cgroups_find();
    machine.landlock = landlock_abi();
    // Asked here, and answered when it is known who jails are: behind a user namespace every owner looks like nobody.
    struct stat own;
    uid_t user = geteuid();
    if (machine.in_place && stat("/proc/self/exe", &own)) return failed(f, "in-place", "/proc/self/exe");
    if (machine_enter(&machine, f) || (machine.in_place && in_place(&own, user, f))) return -1;
    // In the namespaces and before the first child: all of them inherit it.
    if (wall(WALL_NO_NEW_PRIVILEGES) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return failed(f, "no-new-privileges", "prctl");
    if ((wall(WALL_CEILING) && ceiling_install(f)) || mounter_start(&machine, f)) return -1;
    networks_find(&machine);
    return home_enter(f) || launcher_narrow(&machine, f) ? -1 : 0;
}

static void answer_launch(struct launch *l) {
    struct failure f;
    struct slot *s;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        failed(&f, "launch", "socketpair");
        reply_failure(&f);
        return;
    }
    if (jail_launch(l, &s, &f)) {
        reply_failure(&f);
        close(pair[0]);
    } else {
        s->control = pair[0];
        s->id = ++last_id;
        int fds[] = {pair[1], s->pidfd};
        reply_launched(s->id, s->cgroup.before.cpu_ns, fds, 2);
    }
    close(pair[1]);
}

static void answer_image(uint32_t operation, uint64_t number, uint64_t inodes) {
    struct failure f;
    int fds[PACKET_FDS];
    size_t count = 0;
    // A template of an image that is no more would keep its memory.
    if (operation == MOUNTER_DROP) template_forget(number);
    uint64_t value = number;
    if (mounter_ask(operation, &value, inodes, fds, &count, &f)) {
        reply_failure(&f);
        return;
    }
    reply_ok(operation == MOUNTER_STAGE ? value : number, fds, count);
    // With a mounter beside us this is a copy; without one it is the image's own.
    if (!machine.once)
        for (size_t i = 0; i < count; i++) close(fds[i]);
}

static void answer(struct message *m, struct request *r) {
    struct failure f;
    if (request_parse(m, r, &f)) {
        reply_failure(&f);
        return;
    }
    switch (r->type) {
    case REQUEST_STAGE: answer_image(MOUNTER_STAGE, r->bytes, r->inodes); break;
    case REQUEST_SEAL: answer_image(MOUNTER_SEAL, r->image, 0); break;
    case REQUEST_DROP: answer_image(MOUNTER_DROP, r->image, 0); break;
    default: answer_launch(&r->launch);
    }
}

// The supervisor is gone: so is every jail.
static _Noreturn void leave(void) {
    for (size_t i = 0; i < JAILS_MAX; i++)
        if (slots[i].state == SLOT_LIVE) jail_kill(&slots[i], CAUSE_SIGNAL);
    for (size_t i = 0; i < JAILS_MAX; i++)
        if (slots[i].state == SLOT_LIVE) jail_ended(&slots[i]);
    slots_end();
    _exit(0);
}

// How long to sleep: not at all longer than a tick while something runs, and up to the nearest wall-clock deadline.
static int patience(void) {
    uint64_t now = now_ns();
    int wait = slots_want_quiet() ? QUIET_MS : networks_full() ? TICK_MS : -1;
    for (size_t i = 0; i < JAILS_MAX; i++) {
        const struct slot *s = &slots[i];
        if (s->state != SLOT_LIVE) continue;
        uint64_t end = s->started_ns + s->limits.wall_ns;
        uint64_t left = end > now ? (end - now) / 1000000 + 1 : 1;
        int mine = left < TICK_MS ? (int)left : TICK_MS;
        if (wait < 0 || mine < wait) wait = mine;
    }
    return wait;
}

enum { FIXED = 3 };     // the supervisor, the mounter, the kernel's word about network namespaces

static void attend(struct slot *s, const struct pollfd *first, const struct pollfd *second, bool tick) {
    switch (s->state) {
    case SLOT_PARKING:
        if (second->revents) slot_parked(s);
        break;
    case SLOT_PARKED:
        // Killed from outside.
        if (first->revents) slot_retire(s);
        break;
    case SLOT_LIVE:
        if (first->revents) jail_ended(s);
        else if (second->revents) jail_command(s);
        else if (tick) jail_tick(s);
        break;
    case SLOT_EMPTY: break;
    }
}

static _Noreturn void serve(void) {
    static struct pollfd wanted[FIXED + 2 * JAILS_MAX];
    static size_t owner[FIXED + 2 * JAILS_MAX];
    uint64_t next_tick = 0;
    for (;;) {
        nfds_t count = FIXED;
        wanted[0] = (struct pollfd){.fd = SUPERVISOR, .events = POLLIN};
        wanted[1] = (struct pollfd){.fd = mounter_descriptor(), .events = POLLIN};
        wanted[2] = (struct pollfd){.fd = networks_descriptor(), .events = POLLIN};
        for (size_t i = 0; i < JAILS_MAX; i++) {
            const struct slot *s = &slots[i];
            if (s->state == SLOT_EMPTY) continue;
            owner[count] = owner[count + 1] = i;
            wanted[count++] = (struct pollfd){.fd = s->pidfd, .events = POLLIN};
            // Once killed, its socket may stay readable for ever (closed): it has nothing more to say.
            int words = s->state == SLOT_PARKING ? s->sync : s->state == SLOT_LIVE && s->killed_by < 0 ? s->control : -1;
            wanted[count++] = (struct pollfd){.fd = words, .events = POLLIN};
        }
        int ready = poll(wanted, count, patience());
        if (ready < 0 && errno != EINTR) leave();
        uint64_t now = now_ns();
        bool tick = now >= next_tick;
        if (tick) next_tick = now + (uint64_t)TICK_MS * 1000000;
        for (nfds_t i = FIXED; i < count; i += 2) attend(&slots[owner[i]], &wanted[i], &wanted[i + 1], tick);
        if (wanted[1].revents) leave();
        if (wanted[2].revents) networks_read();
        if (wanted[0].revents) {
            int got = message_receive(SUPERVISOR, &work->message);
            if (got == 0) leave();
            if (got < 0) {
                struct failure f;
                failed_with(&f, EBADMSG, "request", "oversize or foreign control data");
                reply_failure(&f);
            } else {
                answer(&work->message, &work->request);
                message_close_fds(&work->message);
            }
        }
        slot_refill(ready == 0);
    }
}

static bool arguments(int argc, char **argv) {
    int at = 1;
    if (at + 1 < argc && !strcmp(argv[at], "--binds") && !strcmp(argv[at + 1], "caller")) {
        machine.caller_binds = true;
        at += 2;
    }
    if (at < argc && !strcmp(argv[at], "--once")) {
        machine.once = true;
        at++;
    }
    if (at < argc && !strcmp(argv[at], "--in-place")) {
        machine.in_place = true;
        at++;
    }
    return at == argc;
}

int main(int argc, char **argv) {
    struct failure f;
    if (!arguments(argc, argv)) return 2;
    if (start(&f)) {
        reply_failure(&f);
        return 1;
    }
    hello(&machine);
    slot_refill(true);
    serve();
}
