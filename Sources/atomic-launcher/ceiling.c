// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// System calls that neither the launcher nor any jail has a use for, whatever a profile says. The filter is the launcher's own,
// and everything that it starts inherits it: a mistake in a profile cannot open one of these, and a launcher that was taken over
// cannot load a module or look into another process.
#include "launcher.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define DENY(call) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int ceiling_install(struct failure *f) {
    static const struct sock_filter code[] = {
        LOAD(nr),
        // The kernel itself: modules, another kernel, swap, power, accounting, quotas.
        DENY(SYS_init_module), DENY(SYS_finit_module), DENY(SYS_delete_module), DENY(SYS_kexec_load),
#ifdef SYS_kexec_file_load
        DENY(SYS_kexec_file_load),
#endif
        DENY(SYS_reboot), DENY(SYS_swapon), DENY(SYS_swapoff), DENY(SYS_acct), DENY(SYS_quotactl), DENY(SYS_syslog),
#ifdef SYS_quotactl_fd
        DENY(SYS_quotactl_fd),
#endif
        // Programs inside the kernel, and interfaces that outsiders broke most often.
        DENY(SYS_bpf), DENY(SYS_perf_event_open), DENY(SYS_userfaultfd), DENY(SYS_io_uring_setup),
        DENY(SYS_io_uring_enter), DENY(SYS_io_uring_register), DENY(SYS_fanotify_init), DENY(SYS_open_by_handle_at),
        // Other processes.
        DENY(SYS_ptrace), DENY(SYS_process_vm_readv), DENY(SYS_process_vm_writev), DENY(SYS_kcmp),
        DENY(SYS_pidfd_getfd), DENY(SYS_move_pages), DENY(SYS_migrate_pages),
        // Keys, but for the empty session keyring that each jail gets.
        DENY(SYS_add_key), DENY(SYS_request_key),
        // The clock.
        DENY(SYS_settimeofday), DENY(SYS_clock_settime), DENY(SYS_adjtimex), DENY(SYS_clock_adjtime),
#if defined(__x86_64__)
        // Ports and descriptor tables of the processor.
        DENY(SYS_iopl), DENY(SYS_ioperm), DENY(SYS_modify_ldt),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KEYCTL_JOIN_SESSION_KEYRING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog program = {
        .len = sizeof code / sizeof *code, .filter = (struct sock_filter *)(uintptr_t)code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return failed(f, "ceiling", "seccomp");
    return 0;
}
