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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct report {
    uint32_t magic;
    int32_t cause, exit, signal;
    uint64_t cpu_ns, wall_ns, peak;
};

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// The first reason is the one that counts. Killing PID 1 kills its whole namespace.
void jail_kill(struct jail *j, int32_t cause) {
    if (j->killed_by < 0) j->killed_by = cause;
    syscall(SYS_pidfd_send_signal, j->pidfd, SIGKILL, NULL, 0);
}

// A word from the supervisor: one cause; a closed socket means that nobody wants the jail any more.
void jail_command(struct jail *j) {
    uint32_t cause;
    ssize_t got = recv(j->control, &cause, sizeof cause, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    jail_kill(j, got == sizeof cause && cause == CAUSE_OUTPUT ? CAUSE_OUTPUT : CAUSE_SIGNAL);
}

// A limit that is hit ends the jail. Memory and processes are counted by the kernel where there are cgroups.
void jail_tick(struct jail *j, uint32_t kind) {
    if (j->killed_by >= 0) return;
    uint64_t cpu;
    bool memory, pids;
    if (kind == LIMITS_RLIMIT) {
        struct tree_usage u;
        process_usage(j->init, &u);
        if (u.bytes > j->peak) j->peak = u.bytes;
        cpu = u.cpu_ns;
        memory = u.bytes > j->limits.memory;
        pids = u.processes > j->limits.pids + 1;
    } else {
        struct usage u;
        cgroup_usage(&j->cgroup, &u);
        cpu = u.cpu_ns;
        memory = u.memory_hits > 0;
        pids = u.pids_hits > 0;
    }
    if (memory) jail_kill(j, CAUSE_MEMORY);
    else if (pids) jail_kill(j, CAUSE_PIDS);
    else if (cpu >= j->limits.cpu_ns) jail_kill(j, CAUSE_CPU);
    else if (now_ns() - j->started_ns >= j->limits.wall_ns) jail_kill(j, CAUSE_WALL);
}

static int32_t cause_of(const struct jail *j, const struct usage *u, const struct report *r, uint32_t kind) {
    if (j->killed_by >= 0 && j->killed_by != CAUSE_SIGNAL) return j->killed_by;
    // Without a cgroup a program may have needed too much between two looks; the kernel remembers the most.
    if (u->memory_hits || (kind == LIMITS_RLIMIT && r->peak > j->limits.memory)) return CAUSE_MEMORY;
    if (u->pids_hits) return CAUSE_PIDS;
    if (r->signal == 0) return CAUSE_EXITED;
    if (r->signal == SIGXCPU || (r->signal == SIGKILL && r->cpu_ns >= j->limits.cpu_ns)) return CAUSE_CPU;
    if (r->signal == SIGXFSZ) return CAUSE_FILE;
    if (r->signal == SIGSYS) return CAUSE_SYSCALL;
    return CAUSE_SIGNAL;
}

// PID 1 has ended, and with it everything in its namespace.
void jail_ended(struct jail *j, uint32_t kind) {
    struct rusage used = {0};
    int ignored;
    while (wait4(j->init, &ignored, 0, &used) < 0 && errno == EINTR) {}
    struct report r = {.magic = 0x31524a41, .wall_ns = now_ns() - j->started_ns};
    struct program_status status;
    if (recv(j->status, &status, sizeof status, MSG_DONTWAIT) != sizeof status) {
        r.signal = SIGKILL;
    } else if (WIFEXITED(status.wait_status)) {
        r.exit = WEXITSTATUS(status.wait_status);
    } else {
        r.signal = WTERMSIG(status.wait_status);
    }
    struct usage u;
    cgroup_usage(&j->cgroup, &u);
    uint64_t waited = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000u +
                      (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000u;
    r.cpu_ns = kind == LIMITS_RLIMIT ? waited : u.cpu_ns;
    uint64_t largest = (uint64_t)used.ru_maxrss * 1024u;
    r.peak = kind != LIMITS_RLIMIT ? u.peak : j->peak > largest ? j->peak : largest;
    r.cause = cause_of(j, &u, &r, kind);
    while (send(j->control, &r, sizeof r, MSG_NOSIGNAL) < 0 && errno == EINTR) {}
    close(j->control);
    close(j->status);
    close(j->pidfd);
    cgroup_remove(&j->cgroup);
    j->live = false;
}
