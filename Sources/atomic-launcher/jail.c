// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// One jail from request to running program, seen from the launcher.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// Each jail has its own, so that per-user limits and signals of one never touch another, nor one that follows it.
static uid_t pick_uid(void) {
    static uint32_t last;
    if (!machine.own_uid || !wall(WALL_OWN_UID)) return geteuid();
    return JAIL_IDS + ((uint32_t)getpid() * 4096u + last++) % JAIL_IDS_COUNT;
}

// Everything that the jail needs by descriptor, in the order in which parked.c takes it: the plan's own order.
static size_t gather(const struct plan *p, const struct launch *l, int *fds) {
    size_t n = 0;
    if (p->space >= 0) fds[n++] = p->space;
    if (p->root >= 0) fds[n++] = p->root;
    for (int i = 0; i < DEVICES; i++)
        if (p->dev[i] >= 0) fds[n++] = p->dev[i];
    for (size_t i = 0; i < p->tree_count; i++) fds[n++] = p->trees[i].fd;
    fds[n++] = p->tmp;
    for (int i = 0; i < 3; i++) fds[n++] = l->stdio[i];
    if (l->flags & LAUNCH_CHANNEL) fds[n++] = l->channel;
    return n;
}

// The numbers are given back afterwards: the jail writes its own into the plan.
static int plan_make(struct plan *p, const struct launch *l, struct failure *f) {
    int fds[PACKET_FDS], space;
    size_t count;
    uint64_t none = 0;
    plan_clear(p);
    if (template_of(l, &space, f)) return -1;
    if (space < 0) {
        if (mounter_ask(MOUNTER_TREES, &none, 0, fds, &count, f)) return -1;
    } else if (l->mountc || l->flags & LAUNCH_KVM) {
        if (mounter_ask(MOUNTER_MOUNTS, &none, 0, fds, &count, f)) return -1;
    }
    p->space = space;
    p->uid = pick_uid();
    p->gid = machine.own_uid && wall(WALL_OWN_UID) ? p->uid : getegid();
    p->tmp = tmp_make(p, &l->limits, f);
    return p->tmp < 0 ? -1 : 0;
}

// 0 the program runs; -1 a failure.
static int hear(int sync, struct failure *f) {
    uint64_t deadline = now_ns() + (uint64_t)SETUP_MS * 1000000;
    for (;;) {
        uint64_t now = now_ns();
        struct pollfd one = {.fd = sync, .events = POLLIN};
        int ready = poll(&one, 1, now >= deadline ? 0 : (int)((deadline - now) / 1000000) + 1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return failed_with(f, ETIMEDOUT, "setup", "the jail did not start in time");
        struct failure heard;
        ssize_t got = recv(sync, &heard, sizeof heard, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got == 1) return 0;
        if (got != sizeof heard) return failed_with(f, ECHILD, "setup", "the jail's first process died");
        *f = heard;
        f->stage[STAGE_MAX - 1] = f->object[OBJECT_MAX - 1] = 0;
        return -1;
    }
}

// The launcher and a jail on the processor where the launcher is. The jail leaves it again before its program starts.
static int stay_on(pid_t jail, const cpu_set_t *all) {
    int here = sched_getcpu();
    if (here < 0 || here >= CPU_SETSIZE || !CPU_ISSET(here, all)) return -1;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(here, &one);
    work->plan.processors = *all;
    return sched_setaffinity(jail, sizeof one, &one) || sched_setaffinity(0, sizeof one, &one);
}

// From here on the jail is the slot's; whatever fails, slot and cgroup are as before.
static int start(struct slot *s, struct plan *p, const struct launch *l, const int *fds, size_t count, struct failure *f) {
    s->limits = l->limits;
    s->uid = p->uid;
    s->killed_by = -1;
    s->cpu_ns = 0;
    s->peak = 0;
    s->tmp_bytes_full = s->tmp_inodes_full = false;
    if (cgroup_begin(&s->cgroup, &l->limits, f)) return -1;
    // Launcher and jail take turns, never side by side: on one processor a turn costs a switch, on two an interrupt between
    // them, which on a virtual machine is a hundred microseconds.
    cpu_set_t all;
    bool together = !sched_getaffinity(0, sizeof all, &all) && !stay_on(s->init, &all);
    s->started_ns = now_ns();
    int result = packet_send(s->sync, "L", 1, fds, count) == 1 ? hear(s->sync, f)
                                                               : failed(f, "setup", "the parked jail is gone");
    if (together) sched_setaffinity(0, sizeof all, &all);
    return result;
}

int jail_launch(struct launch *l, struct slot **taken, struct failure *f) {
    struct plan *p = &work->plan;
    int fds[PACKET_FDS];
    struct slot *s = NULL;
    if (filter_load(l->filter_fd, &work->filter, f)) return -1;
    if (plan_make(p, l, f)) {
        sources_close(p);
        return -1;
    }
    // Noted before the jail writes its own numbers into the plan.
    size_t count = gather(p, l, fds), first = p->space >= 0 ? 1 : 0;
    size_t sources = count - first - 4 - (l->flags & LAUNCH_CHANNEL ? 1 : 0);
    int tmp = p->tmp;
    bool good = !slot_take(&s, f) && !start(s, p, l, fds, count, f);
    for (size_t i = 0; i < sources; i++) close(fds[first + i]);
    if (!good) {
        close(tmp);
        if (s) slot_recycle(s);
        return -1;
    }
    s->tmp = tmp;
    s->state = SLOT_LIVE;
    *taken = s;
    return 0;
}
