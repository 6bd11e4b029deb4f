// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Reaching for what belongs to others: other processes, the host's files, the launcher.
#include "victim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_file(const char *path) { return open(path, O_RDONLY | O_NONBLOCK) < 0 ? -1 : 0; }

static int read_byte(const char *path) {
    char c;
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    return fd < 0 ? -1 : read(fd, &c, 1) == 1 ? 0 : -1;
}

// The old root, wherever it may be stacked: up, and up again, until there is an /etc.
static int climb(const char *a) {
    (void)a;
    for (int i = 0; i < 8; i++) {
        if (chdir(i ? ".." : "/..")) return -1;
        int etc = open("etc", O_RDONLY | O_DIRECTORY);
        if (etc >= 0) return openat(etc, "passwd", O_RDONLY) < 0 ? -1 : 0;
    }
    errno = ENOENT;
    return -1;
}

// A descriptor that nobody meant to give away. With "etc": and from it to a file of the host (CVE-2024-21626).
static int leaked(const char *file) {
    DIR *d = opendir("/proc/self/fd");
    if (!d) return -1;
    for (struct dirent *e; (e = readdir(d));) {
        int fd = atoi(e->d_name);
        if (fd <= 3 || fd == dirfd(d)) continue;
        if (!*file || openat(fd, file, O_RDONLY) >= 0) return 0;
    }
    errno = ENOENT;
    return -1;
}

static int process_file(const char *pid, const char *file, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
    return open(path, flags) < 0 ? -1 : 0;
}
static int memory_of(const char *pid) { return process_file(pid, "mem", O_RDONLY); }
static int program_of(const char *pid) { return process_file(pid, "exe", O_RDONLY); }
static int score_of(const char *pid) { return process_file(pid, "oom_score_adj", O_WRONLY); }
static int root_of(const char *pid) { return process_file(pid, "root/usr", O_RDONLY); }

// Every victim is the same program at the same place (it is not position-independent).
static int vm_read(const char *pid) {
    char to;
    struct iovec local = {&to, 1}, remote = {(void *)0x400000, 1};
    return process_vm_readv(atoi(pid), &local, 1, &remote, 1, 0) == 1 ? 0 : -1;
}

static int attach(const char *pid) {
    int target = atoi(pid);
    if (ptrace(PTRACE_SEIZE, target, 0, 0)) return -1;
    // Detached by our end.
    return 0;
}

static int limits_of(const char *pid) {
    struct rlimit old;
    return (int)syscall(SYS_prlimit64, atoi(pid), RLIMIT_NOFILE, NULL, &old);
}

static int cgroup_path(const char *a) {
    (void)a;
    char line[4096];
    FILE *f = fopen("/proc/self/cgroup", "r");
    if (!f) return -1;
    while (fgets(line, sizeof line, f))
        if (strstr(line, "atomic-")) return 0;
    errno = ENOENT;
    return -1;
}

// A session whose leader is outside is shown as 0.
static int session(const char *a) {
    (void)a;
    errno = EPERM;
    return getsid(0) == 0 ? 0 : -1;
}

static int host_name(const char *name) {
    char own[256];
    errno = ENOENT;
    return gethostname(own, sizeof own) == 0 && !strcmp(own, name) ? 0 : -1;
}

static int ignored_signal(const char *a) {
    (void)a;
    struct sigaction now;
    errno = ENOENT;
    return sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_IGN ? 0 : -1;
}

// Memory that outlives an exec: a mapping that is shared and has no file (it is shown as /dev/zero).
static int shared_memory(const char *a) {
    (void)a;
    char line[4096];
    FILE *f = fopen("/proc/self/maps", "r");
    if (!f) return -1;
    while (fgets(line, sizeof line, f))
        if (strstr(line, "/dev/zero")) return 0;
    errno = ENOENT;
    return -1;
}

static int own_shared_memory(const char *a) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : shared_memory(a);
}

static int link_out(const char *path) { return link(path, "/tmp/linked"); }

// A link in /tmp to something of the host leads nowhere: it is followed inside.
static int follow(const char *path) {
    if (symlink(path, "/tmp/link")) return -1;
    return open_file("/tmp/link");
}

const struct probe reach_probes[] = {
    {"open", open_file}, {"read-byte", read_byte}, {"climb", climb}, {"leaked", leaked}, {"memory-of", memory_of},
    {"program-of", program_of}, {"score-of", score_of}, {"root-of", root_of}, {"vm-read", vm_read}, {"attach", attach},
    {"limits-of", limits_of}, {"cgroup-path", cgroup_path}, {"session", session}, {"host-name", host_name},
    {"ignored-signal", ignored_signal}, {"shared-memory", shared_memory}, {"own-shared-memory", own_shared_memory}, {"link-out", link_out}, {"follow", follow}, {0},
};
