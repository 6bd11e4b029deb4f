// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Slots. Each has its cgroups, a keeper that sits in them, and at most one jail: parked, or alive. Making
// cgroups costs a fraction of a millisecond and a network namespace half of what a whole jail costs; the keeper has paid the
// first once and for all, and pays the second while nobody waits. The jail is cloned by the keeper, so it inherits the cgroups,
// and becomes the launcher's child (CLONE_PARENT).
//
// A keeper shares the workspace with the launcher, and nothing else: what it clones would otherwise copy and close the
// descriptors of every other jail.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

struct slot slots[JAILS_MAX];

// The pid is where the launcher reads it before the jail has run at all.
static pid_t jail_clone(struct parking *parking, int sync, int cgroup) {
    struct clone_args args = {
        .flags = CLONE_PARENT | CLONE_PARENT_SETTID | (wall(WALL_PID_NAMESPACE) ? CLONE_NEWPID : 0) |
                 (wall(WALL_NETWORK_NAMESPACE) ? CLONE_NEWNET : 0) | (wall(WALL_IPC_NAMESPACE) ? CLONE_NEWIPC : 0) |
                 (wall(WALL_UTS_NAMESPACE) ? CLONE_NEWUTS : 0) | (wall(WALL_TIME_NAMESPACE) ? CLONE_NEWTIME : 0),
        .parent_tid = (uint64_t)(uintptr_t)&parking->child,
    };
    if (cgroup >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)cgroup;
    }
    pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (child == 0) parked_main(sync);
    return child;
}

static _Noreturn void keeper_main(const struct slot *s, pid_t launcher, int given) {
    enum { ORDERS = 3 };
    struct failure f = {0};
    // The launcher may have died before the signal was asked for.
    if (wall(WALL_DEATH_SIGNAL) && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) _exit(1);
    if (getppid() != launcher) _exit(1);
    bool joined = !cgroup_join(&s->cgroup, &f);
    if (given != ORDERS && dup3(given, ORDERS, O_CLOEXEC) < 0) _exit(1);
    if (wall(WALL_DESCRIPTORS_KEEPER) && syscall(SYS_close_range, ORDERS + 1, ~0u, 0)) _exit(1);
    for (;;) {
        char order;
        int fds[PACKET_FDS];
        size_t count;
        if (packet_receive(ORDERS, &order, 1, fds, &count) != 1 || count == 0) _exit(1);
        if (!joined || jail_clone(&work->parking[s->index], fds[0], count == 2 ? fds[1] : -1) < 0) {
            if (joined) failed(&f, "clone", "namespaces");
            packet_send(fds[0], &f, sizeof f, NULL, 0);
        }
        for (size_t i = 0; i < count; i++) close(fds[i]);
    }
}

static int keeper_start(struct slot *s, struct failure *f) {
    pid_t launcher = getpid();
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return failed(f, "keeper", "socketpair");
    s->keeper = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (s->keeper == 0) keeper_main(s, launcher, pair[1]);
    close(pair[1]);
    s->orders = pair[0];
    if (s->keeper > 0) return 0;
    failed(f, "keeper", "fork");
    close(pair[0]);
    return -1;
}

static void reap(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

// A parked one ends without its socket too.
static void end_init(struct slot *s) {
    if (s->init <= 0) return;
    if (s->sync >= 0) close(s->sync);
    s->sync = -1;
    kill(s->init, SIGKILL);
    reap(s->init);
}

// The jail that was parked, or failed to be, is gone.
void slot_reaped(struct slot *s) {
    if (s->sync >= 0) close(s->sync);
    if (s->pidfd >= 0) close(s->pidfd);
    if (s->tmp >= 0) close(s->tmp);
    s->sync = s->pidfd = s->tmp = -1;
    s->init = -1;
    s->state = SLOT_EMPTY;
}

// Nothing of the slot stays but, when its last process is still on its way out, the cgroup: it is tried again later.
void slot_retire(struct slot *s) {
    // A parking that has not reported yet may have made its jail, and may be about to.
    pid_t keeper = s->keeper;
    if (keeper > 0) {
        // Without its socket it ends by itself too: nobody waits for ever for a process that could not be killed.
        close(s->orders);
        kill(keeper, SIGKILL);
        reap(keeper);
        s->keeper = -1;
    }
    if (s->state == SLOT_PARKING && s->init < 0) s->init = work->parking[s->index].child;
    end_init(s);
    slot_reaped(s);
    cgroup_remove(&s->cgroup);
}

// For another jail, when this one is gone or has failed.
void slot_recycle(struct slot *s) {
    struct failure ignored;
    end_init(s);
    slot_reaped(s);
    if (cgroup_renew(&s->cgroup, &ignored)) slot_retire(s);
}

// After a jail could not be parked nobody tries for a second, unless somebody asks for one and can be told why.
static uint64_t rest_until;
static void rest(void) { rest_until = now_ns() + 1000000000; }

static bool launched_before;

// From the processor that the launcher is on, where there is another.
static void keep_away(pid_t keeper) {
    cpu_set_t all;
    int here = sched_getcpu();
    if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof all, &all)) return;
    CPU_CLR(here, &all);
    if (CPU_COUNT(&all)) sched_setaffinity(keeper, sizeof all, &all);
}

static int park(struct slot *s, struct failure *f) {
    int pair[2];
    bool fresh = s->keeper <= 0;
    if (fresh) {
        if (s->cgroup.made) cgroup_remove(&s->cgroup);
        if (s->cgroup.made) return failed_with(f, EBUSY, "cgroup", "the last jail is still leaving");
        s->sync = s->pidfd = s->tmp = -1;
        s->init = -1;
        if (cgroup_make(&s->cgroup, f) || keeper_start(s, f)) {
            cgroup_remove(&s->cgroup);
            return -1;
        }
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return failed(f, "park", "socketpair");
    work->parking[s->index].child = -1;
    s->sync = pair[0];
    s->state = SLOT_PARKING;
    if (!machine.once) keep_away(s->keeper);
    int fds[] = {pair[1], s->cgroup.at[0]};
    ssize_t sent = packet_send(s->orders, "P", 1, fds, machine.limits == LIMITS_CGROUP2 ? 2 : 1);
    close(pair[1]);
    if (sent == 1) return 0;
    failed(f, "park", "the keeper is gone");
    slot_retire(s);
    // Killed from outside, long ago perhaps: nobody looks at a keeper between two orders. Another takes its place.
    return fresh ? -1 : park(s, f);
}

// A word on the socket of a slot that is parking: the jail is ready, or why not.
static int hear(struct slot *s, struct failure *f) {
    struct failure heard;
    size_t none;
    int fds[PACKET_FDS];
    ssize_t got = packet_receive(s->sync, &heard, sizeof heard, fds, &none);
    if (got == 1) {
        s->init = work->parking[s->index].child;
        s->pidfd = (int)syscall(SYS_pidfd_open, s->init, 0);
        s->state = SLOT_PARKED;
        if (s->pidfd < 0) {
            failed(f, "park", "pidfd_open");
            slot_retire(s);
            return -1;
        }
        networks_add(s->init);
        return 0;
    }
    if (got == sizeof heard) *f = heard;
    else failed_with(f, ECHILD, "park", "the jail's first process died");
    slot_retire(s);
    return -1;
}

void slot_parked(struct slot *s) {
    struct failure ignored;     // the launch that needs it will hear its own
    if (hear(s, &ignored)) rest();
}

static size_t slots_in(enum slot_state state) {
    size_t count = 0;
    for (size_t i = 0; i < JAILS_MAX; i++) count += slots[i].state == state;
    return count;
}

static struct slot *first(enum slot_state state) {
    for (size_t i = 0; i < JAILS_MAX; i++)
        if (slots[i].state == state) return &slots[i];
    return NULL;
}

// One with a keeper is cheaper than one without.
static struct slot *empty(void) {
    struct slot *bare = NULL;
    for (size_t i = 0; i < JAILS_MAX; i++) {
        struct slot *s = &slots[i];
        if (s->state != SLOT_EMPTY) continue;
        s->index = (uint32_t)i;
        if (s->keeper > 0) return s;
        if (!bare && s->cgroup.made) cgroup_remove(&s->cgroup);
        if (!bare && !s->cgroup.made) bare = s;
    }
    return bare;
}

// Making a jail costs as much as using one, mostly for its network namespace, and the kernel does not let go of the processor
// meanwhile. So it is done in a row when little is left, or when nobody has asked for anything for a while (`quiet`), one after
// the other and on other processors than the launcher's. What the kernel has not yet taken away counts, so that a flood of
// jails cannot fill the machine with dying network namespaces.
void slot_refill(bool quiet) {
    enum { LOW = PARKED_MOST / 4 };
    static bool filling = true;
    struct failure ignored;
    // The one jail there will be had its place prepared.
    if (machine.once && launched_before) return;
    size_t waiting = slots_in(SLOT_PARKED), coming = slots_in(SLOT_PARKING);
    if (!machine.once && (quiet || waiting <= LOW)) filling = true;
    if (waiting + coming >= (machine.once ? 1 : PARKED_MOST)) filling = false;
    if (!filling || coming || networks_full() || now_ns() < rest_until) return;
    struct slot *s = empty();
    if (s && park(s, &ignored)) rest();
}

// Whether a quiet moment would be used.
bool slots_want_quiet(void) {
    return !machine.once && slots_in(SLOT_PARKED) < PARKED_MOST && !slots_in(SLOT_PARKING) && !networks_full() &&
           now_ns() >= rest_until;
}

// A parked jail, waiting for one if need be.
int slot_take(struct slot **taken, struct failure *f) {
    uint64_t deadline = now_ns() + (uint64_t)SETUP_MS * 1000000;
    for (;;) {
        if ((*taken = first(SLOT_PARKED))) {
            launched_before = true;
            return 0;
        }
        struct slot *s = first(SLOT_PARKING);
        if (!s) {
            s = empty();
            if (!s) return failed_with(f, EMFILE, "launch", "too many jails");
            // With too many dying namespaces the launch waits for the kernel, like everybody else.
            if (networks_full() && now_ns() < deadline) {
                poll(NULL, 0, 1);
                networks_read();
                continue;
            }
            if (park(s, f)) return -1;
        }
        struct pollfd one = {.fd = s->sync, .events = POLLIN};
        if (poll(&one, 1, SETUP_MS) > 0) {
            if (!hear(s, f)) continue;
            // An ordinary user's namespaces are bounded by the kernel, and some are still being taken away.
            if (!launched_before || f->error != ENOSPC || now_ns() >= deadline) return -1;
            poll(NULL, 0, 2);
        } else if (now_ns() >= deadline) {
            slot_retire(s);
            return failed_with(f, ETIMEDOUT, "park", "the jail did not start in time");
        }
    }
}

void slots_end(void) {
    for (size_t i = 0; i < JAILS_MAX; i++)
        if (slots[i].keeper > 0 || slots[i].state != SLOT_EMPTY || slots[i].cgroup.made) slot_retire(&slots[i]);
}
