// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// inject LOG [ROLE CALL NUMBER ERRNO] -- LAUNCHER ARGUMENTS...: runs a launcher under ptrace(2) and writes to LOG every system call
// that its processes make until the program of the first jail runs, by who makes it: launcher, mounter, keeper, maker (of a
// template), jail (PID 1), program. With a call named, that one fails: it is not made, and returns -ERRNO. Numbers count the same
// call of the same process. A tool from outside has to do it, because the launcher is static. x86-64 only.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum role { NOBODY, LAUNCHER, MOUNTER, KEEPER, MAKER, JAIL, PROGRAM, ROLES };
enum { CALLS = 512, PROCESSES = 64 };
static const char *const names[ROLES] = {"nobody", "launcher", "mounter", "keeper", "maker", "jail", "program"};

struct process {
    pid_t pid;
    enum role role;
    bool inside, filtered, failing;
    struct user_regs_struct before;
    unsigned count[CALLS];
};

static struct process all[PROCESSES];
static size_t process_count;
static bool has_mounter = true;
static int children, log_fd;
static struct { enum role role; unsigned long call, number; int error; } wanted;

static void note(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vdprintf(log_fd, format, list);
    va_end(list);
}

static struct process *find(pid_t pid) {
    for (size_t i = 0; i < process_count; i++)
        if (all[i].pid == pid) return &all[i];
    return NULL;
}

static struct process *add(pid_t pid, enum role role) {
    static struct process rest;
    struct process *p = process_count < PROCESSES ? &all[process_count++] : &rest;
    *p = (struct process){.pid = pid, .role = role};
    return p;
}

// The launcher's children come in this order: the first request waits for it before it runs at all.
static enum role role_of_child(const struct process *parent) {
    if (parent->role == KEEPER) return JAIL;
    if (parent->role == JAIL) return PROGRAM;
    if (parent->role != LAUNCHER) return NOBODY;
    switch (++children + (has_mounter ? 0 : 1)) {
    case 1: return MOUNTER;
    case 2: return KEEPER;
    case 3: return MAKER;
    default: return NOBODY;
    }
}

static void entered(struct process *p) {
    struct user_regs_struct regs;
    if (ptrace(PTRACE_GETREGS, p->pid, 0, &regs)) return;
    unsigned long call = regs.orig_rax;
    if (call >= CALLS) return;
    unsigned number = ++p->count[call];
    note("call %s %lu %u\n", names[p->role], call, number);
    if (wanted.role != NOBODY && p->role == wanted.role && call == wanted.call && number == wanted.number) {
        p->failing = true;
        wanted.role = NOBODY;   // once, not in the jail after this one too
        p->before = regs;
        regs.orig_rax = ~0ul;
        if (p->role == JAIL && p->filtered) {
            // PID 1's filter would kill it for a call that is none: this one is allowed, and fails.
            regs.orig_rax = SYS_wait4;
            regs.rdx = ~0ul;
        }
        ptrace(PTRACE_SETREGS, p->pid, 0, &regs);
    }
    if (call == SYS_seccomp) p->filtered = true;
}

static void left(struct process *p) {
    if (!p->failing) return;
    p->failing = false;
    p->before.rax = (unsigned long)-(long)wanted.error;
    ptrace(PTRACE_SETREGS, p->pid, 0, &p->before);
    note("failed %s %lu %lu\n", names[p->role], wanted.call, wanted.number);
}

static void attend(pid_t pid, int status) {
    int signal = WSTOPSIG(status), event = status >> 16;
    struct process *p = find(pid);
    if (!p) p = add(pid, NOBODY);
    if (signal == (SIGTRAP | 0x80)) {
        p->inside = !p->inside;
        if (p->inside) entered(p);
        else left(p);
        signal = 0;
    } else if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) {
        unsigned long child = 0;
        ptrace(PTRACE_GETEVENTMSG, pid, 0, &child);
        struct process *known = find((pid_t)child);
        enum role role = role_of_child(p);
        if (known) known->role = role;
        else add((pid_t)child, role);
        signal = 0;
    } else if (event == PTRACE_EVENT_EXEC && p->role == PROGRAM) {
        // From here on it is the program's own.
        note("program\n");
        ptrace(PTRACE_DETACH, pid, 0, 0);
        return;
    } else if (event) {
        signal = 0;
    }
    // Whoever is of no interest runs freely, but not before its parent's event said who it is.
    if (p->role == NOBODY && event == PTRACE_EVENT_STOP && process_count < PROCESSES) p->inside = false;
    ptrace(PTRACE_SYSCALL, pid, 0, signal);
}

int main(int argc, char **argv) {
    int at = 2;
    if (argc < 4) return 2;
    log_fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) return 2;
    if (strcmp(argv[at], "--") != 0) {
        for (int i = 1; i < ROLES; i++)
            if (!strcmp(argv[at], names[i])) wanted.role = (enum role)i;
        wanted.call = strtoul(argv[at + 1], NULL, 10);
        wanted.number = strtoul(argv[at + 2], NULL, 10);
        wanted.error = atoi(argv[at + 3]);
        at += 4;
    }
    for (int i = at; i < argc; i++)
        if (!strcmp(argv[i], "--once")) has_mounter = false;
    pid_t launcher = fork();
    if (launcher == 0) {
        raise(SIGSTOP);
        close(log_fd);
        execv(argv[at + 1], argv + at + 1);
        _exit(127);
    }
    close(3);
    int status;
    waitpid(launcher, &status, WUNTRACED);
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
                   PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, launcher, 0, options)) return 3;
    add(launcher, LAUNCHER);
    kill(launcher, SIGCONT);
    ptrace(PTRACE_INTERRUPT, launcher, 0, 0);
    int ended = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
        if (pid < 0) continue;
        if (WIFSTOPPED(status)) attend(pid, status);
        else if (pid == launcher) ended = status;
    }
    note("ended %d\n", ended);
    return WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
}
