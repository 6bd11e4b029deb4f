// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Jails that run: deadlines, limits that only the launcher can see, and the report of the end.
#include "launcher.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Limits that were reached without ending the jail, and what was found when it was gone.
enum { HIT_TMP_BYTES = 1, HIT_TMP_INODES = 2 };
enum { GONE_PROCESSES = 1 };

struct report {
    uint32_t magic;
    int32_t cause, exit, signal;
    uint64_t cpu_ns, wall_ns, peak;
    uint32_t hits, gone;
    uint64_t memory_hits, pids_hits;
};

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// Where there is no cgroup, the most that was ever seen of a jail. The kernel forgets the time of processes that die with their
// PID 1, so whoever kills looks first.
static struct tree_usage look_at_processes(struct slot *s) {
    struct tree_usage u;
    process_usage(s->init, &u);
    if (u.bytes > s->peak) s->peak = u.bytes;
    if (u.cpu_ns > s->cpu_ns) s->cpu_ns = u.cpu_ns;
    return u;
}

// The first reason is the one that counts. Killing PID 1 kills its whole namespace.
void jail_kill(struct slot *s, int32_t cause) {
    if (s->killed_by < 0) {
        s->killed_by = cause;
        if (machine.limits == LIMITS_RLIMIT) look_at_processes(s);
    }
    syscall(SYS_pidfd_send_signal, s->pidfd, SIGKILL, NULL, 0);
    cgroup_kill(&s->cgroup);
}

// A word from the supervisor: one cause; a closed socket means that nobody wants the jail any more.
void jail_command(struct slot *s) {
    uint32_t cause;
    ssize_t got = recv(s->control, &cause, sizeof cause, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    jail_kill(s, got == sizeof cause && cause == CAUSE_OUTPUT ? CAUSE_OUTPUT : CAUSE_SIGNAL);
}

// A full /tmp is the program's own affair (ENOSPC), but the report says that it was.
static void look_at_tmp(struct slot *s) {
    struct statfs now;
    if (fstatfs(s->tmp, &now)) return;
    if (now.f_bavail == 0) s->tmp_bytes_full = true;
    if (now.f_ffree == 0) s->tmp_inodes_full = true;
}

// A limit that is hit ends the jail. Memory and processes are counted by the kernel where there are cgroups.
void jail_tick(struct slot *s) {
    if (s->killed_by >= 0) return;
    uint64_t cpu;
    bool memory, pids;
    look_at_tmp(s);
    if (machine.limits == LIMITS_RLIMIT) {
        struct tree_usage u = look_at_processes(s);
        cpu = u.cpu_ns;
        memory = u.bytes > s->limits.memory;
        pids = u.processes > s->limits.pids + 1;
    } else {
        struct usage u;
        cgroup_usage(&s->cgroup, &u);
        cpu = u.cpu_ns;
        memory = u.memory_hits > 0;
        pids = u.pids_hits > 0;
    }
    if (memory && wall(WALL_LIMIT_MEMORY)) jail_kill(s, CAUSE_MEMORY);
    else if (pids && wall(WALL_LIMIT_PIDS)) jail_kill(s, CAUSE_PIDS);
    else if (cpu >= s->limits.cpu_ns && wall(WALL_LIMIT_CPU)) jail_kill(s, CAUSE_CPU);
    else if (wall(WALL_LIMIT_WALL) && now_ns() - s->started_ns >= s->limits.wall_ns) jail_kill(s, CAUSE_WALL);
}

static int32_t cause_of(const struct slot *s, const struct report *r) {
    if (s->killed_by >= 0 && s->killed_by != CAUSE_SIGNAL) return s->killed_by;
    // Without a cgroup a program may have needed too much between two looks; the kernel remembers the most.
    if (r->memory_hits || (machine.limits == LIMITS_RLIMIT && r->peak > s->limits.memory)) return CAUSE_MEMORY;
    if (r->pids_hits) return CAUSE_PIDS;
    if (r->signal == 0) return CAUSE_EXITED;
    if (r->signal == SIGXCPU || (r->signal == SIGKILL && r->cpu_ns >= s->limits.cpu_ns)) return CAUSE_CPU;
    if (r->signal == SIGXFSZ) return CAUSE_FILE;
    if (r->signal == SIGSYS) return CAUSE_SYSCALL;
    return CAUSE_SIGNAL;
}

// PID 1 has ended, and with it everything in its namespace.
void jail_ended(struct slot *s) {
    struct rusage used = {0};
    int ignored;
    while (wait4(s->init, &ignored, 0, &used) < 0 && errno == EINTR) {}
    s->init = -1;
    struct report r = {.magic = 0x31524a41, .wall_ns = now_ns() - s->started_ns};
    struct program_status status;
    if (recv(s->sync, &status, sizeof status, MSG_DONTWAIT) != sizeof status) {
        r.signal = SIGKILL;
    } else if (WIFEXITED(status.wait_status)) {
        r.exit = WEXITSTATUS(status.wait_status);
    } else {
        r.signal = WTERMSIG(status.wait_status);
    }
    struct usage u;
    cgroup_usage(&s->cgroup, &u);
    uint64_t waited = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000u +
                      (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000u;
    uint64_t largest = (uint64_t)used.ru_maxrss * 1024u;
    bool stand_in = machine.limits == LIMITS_RLIMIT;
    r.cpu_ns = !stand_in ? u.cpu_ns : waited > s->cpu_ns ? waited : s->cpu_ns;
    // Never less than the largest process: the cgroup's figure is a difference, and what the last jail left may go meanwhile.
    r.peak = stand_in ? s->peak : u.peak;
    if (r.peak < largest) r.peak = largest;
    r.memory_hits = u.memory_hits;
    r.pids_hits = u.pids_hits;
    look_at_tmp(s);
    r.hits = (s->tmp_bytes_full ? HIT_TMP_BYTES : 0) | (s->tmp_inodes_full ? HIT_TMP_INODES : 0);
    r.gone = cgroup_empty(&s->cgroup) ? GONE_PROCESSES : 0;
    r.cause = cause_of(s, &r);
    while (send(s->control, &r, sizeof r, MSG_NOSIGNAL) < 0 && errno == EINTR) {}
    close(s->control);
    slot_recycle(s);
}
