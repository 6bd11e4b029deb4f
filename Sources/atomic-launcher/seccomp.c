// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// System call filters. The program's is compiled by the supervisor and arrives in a sealed memfd; PID 1 has its own.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "name this architecture's audit constant here"
#endif

int filter_load(int fd, struct filter *out, struct failure *f) {
    struct stat status;
    int seals = fcntl(fd, F_GET_SEALS);
    if (wall(WALL_FILTER_SEALED) && (seals < 0 || (seals & (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)) !=
        (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)))
        return failed_with(f, EPERM, "filter", "the filter's memory is not sealed");
    if (fstat(fd, &status)) return failed(f, "filter", "fstat");
    size_t size = (size_t)status.st_size;
    if (size == 0 || size % sizeof out->code[0] || size > sizeof out->code)
        return failed_with(f, EINVAL, "filter", "length");
    if (pread(fd, out->code, size, 0) != (ssize_t)size) return failed(f, "filter", "read");
    out->program.len = (unsigned short)(size / sizeof out->code[0]);
    out->program.filter = out->code;
    return 0;
}

int filter_install(const struct filter *filter, struct failure *f) {
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter->program)) return failed(f, "filter", "seccomp");
    return 0;
}

#define ALLOW(call) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

// PID 1 reaps, kills, tells one status and exits.
int filter_install_init(struct failure *f) {
    static const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_wait4),
        ALLOW(SYS_kill),
        ALLOW(SYS_write),
        ALLOW(SYS_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = (struct sock_filter *)code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return failed(f, "filter", "seccomp of PID 1");
    return 0;
}
