// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

static int io_uring(const char *a) {
    (void)a;
    struct io_uring_params p = {0};
    return syscall(SYS_io_uring_setup, 2, &p) < 0 ? -1 : 0;
}

static int userfaultfd(const char *a) { (void)a; return syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */) < 0 ? -1 : 0; }

static int bpf(const char *a) {
    (void)a;
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.map_type = BPF_MAP_TYPE_ARRAY;
    attr.key_size = attr.value_size = 4;
    attr.max_entries = 1;
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr) < 0 ? -1 : 0;
}

static int perf(const char *a) {
    (void)a;
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK,
        .exclude_kernel = 1};
    return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0 ? -1 : 0;
}

static int keyring(const char *a) {
    (void)a;
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1) < 0 ? -1 : 0;
}

static int fanotify(const char *a) { (void)a; return syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID, 0) < 0 ? -1 : 0; }

static int adjust_clock(const char *a) {
    (void)a;
    struct timex t = {.modes = 0};
    return adjtimex(&t) < 0 ? -1 : 0;
}

static int change_personality(const char *a) { (void)a; return personality(ADDR_NO_RANDOMIZE) < 0 ? -1 : 0; }

// The kernel looks at 32 bits of the command only: a filter that compares 64 lets the second form pass.
static int sti(unsigned long command) {
    int r = (int)syscall(SYS_ioctl, 0, command, "x");
    return r < 0 && (errno == ENOTTY || errno == EIO || errno == EPERM) ? 0 : r;
}
static int terminal(const char *a) { (void)a; return sti(TIOCSTI); }
static int terminal_high(const char *a) { (void)a; return sti(TIOCSTI | 1ul << 32); }

#if defined(__x86_64__)
// getpid by the 32-bit entry.
static int i386(const char *a) {
    (void)a;
    long result = 20;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result == getpid() ? 0 : -1;
}

// getpid with the x32 bit. A kernel without x32 answers ENOSYS, which is "not killed" and enough of a control.
static int x32(const char *a) {
    (void)a;
    errno = 0;
    syscall(SYS_getpid | 0x40000000);
    return 0;
}
#endif

const struct probe kernel_probes[] = {
    {"io-uring", io_uring}, {"userfaultfd", userfaultfd}, {"bpf", bpf}, {"perf", perf}, {"keyctl", keyring},
    {"fanotify", fanotify}, {"adjtimex", adjust_clock}, {"personality", change_personality}, {"tiocsti", terminal},
    {"tiocsti-high-bits", terminal_high},
#if defined(__x86_64__)
    {"i386", i386}, {"x32", x32},
#endif
    {0},
};
