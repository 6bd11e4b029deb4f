// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int trace(const char *a) { (void)a; return ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 ? -1 : 0; }

static int read_memory(const char *a) {
    (void)a;
    char from = 1, to = 0;
    struct iovec local = {&to, 1}, remote = {&from, 1};
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) < 0 ? -1 : 0;
}

static int compare(const char *a) {
    (void)a;
    return syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0) < 0 ? -1 : 0;
}

static int steal(const char *a) {
    (void)a;
    return syscall(SYS_pidfd_getfd, -1, 0, 0) < 0 ? -1 : 0;
}

static int signal_one(const char *pid) { return kill((pid_t)atoi(pid), 0); }
static int kill_init(const char *a) { (void)a; return kill(1, SIGKILL); }

const struct probe process_probes[] = {
    {"ptrace", trace}, {"process-vm", read_memory}, {"kcmp", compare}, {"pidfd-getfd", steal},
    {"signal", signal_one}, {"kill-init", kill_init}, {0},
};
