// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Gaining more than the program was given, and using what only root may.
#include "victim.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

// A hard limit may be raised by CAP_SYS_RESOURCE of the first user namespace only.
static int raise_limit(const char *a) {
    (void)a;
    struct rlimit now;
    if (getrlimit(RLIMIT_MSGQUEUE, &now)) return -1;
    now.rlim_max++;
    return setrlimit(RLIMIT_MSGQUEUE, &now);
}

// Moves the clock by nothing.
static int set_clock(const char *a) {
    (void)a;
    struct timex t = {.modes = ADJ_SETOFFSET};
    return adjtimex(&t) < 0 ? -1 : 0;
}

// The way of release_agent: a hierarchy of v1, with the file that names a program of the host.
static int mount_cgroup(const char *a) {
    (void)a;
    if (mkdir("/tmp/cgroup", 0700) || mount("none", "/tmp/cgroup", "cgroup", 0, "none,name=atomic-escape")) return -1;
    return access("/tmp/cgroup/release_agent", W_OK);
}

static int move_tree(const char *a) {
    (void)a;
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/usr", 1 /* OPEN_TREE_CLONE */);
    if (tree < 0) return -1;
    return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, "/tmp", 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
}

static int make_node(const char *a) {
    (void)a;
    return mknod("/tmp/node", S_IFCHR | 0600, makedev(1, 1));
}

static int drop_groups(const char *a) { (void)a; return setgroups(0, NULL); }

// Runs a file that is set-uid root, which is this program, and asks who it became.
static int run_setuid(const char *path) {
    execl(path, path, "is-root", NULL);
    return -1;
}
static int is_root(const char *a) {
    (void)a;
    errno = EPERM;
    return geteuid() == 0 ? 0 : -1;
}

static int lock_memory(const char *a) {
    (void)a;
    static char page[4096];
    return mlock(page, sizeof page);
}

static int open_securebits(const char *a) {
    (void)a;
    errno = EPERM;
    int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
    return bits >= 0 && !(bits & SECBIT_NOROOT_LOCKED) ? 0 : -1;
}

// Whether a crash leaves a core file.
static int core(const char *a) {
    (void)a;
    int status;
    if (chdir("/tmp")) return -1;
    pid_t child = fork();
    if (child == 0) abort();
    if (child < 0 || waitpid(child, &status, 0) < 0) return -1;
    errno = ENOENT;
    return WCOREDUMP(status) ? 0 : -1;
}

// A key of whoever started the supervisor.
static int find_key(const char *name) {
    long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", name, 0);
    char value[16];
    return key < 0 || syscall(SYS_keyctl, KEYCTL_READ, key, value, sizeof value) < 0 ? -1 : 0;
}

// Another program is still the same jail: by its name, and from memory that has none.
static int exec_again(const char *probe) {
    execl("/proc/self/exe", "victim", probe, NULL);
    return -1;
}
static int exec_memory(const char *probe) {
    char block[65536];
    ssize_t got;
    int from = open("/proc/self/exe", O_RDONLY), to = (int)syscall(SYS_memfd_create, "program", 0);
    if (from < 0 || to < 0) return -1;
    while ((got = read(from, block, sizeof block)) > 0)
        if (write(to, block, (size_t)got) != got) return -1;
    char *argv[] = {"victim", (char *)(uintptr_t)probe, NULL}, *envp[] = {NULL};
    syscall(SYS_execveat, to, "", argv, envp, AT_EMPTY_PATH);
    return -1;
}

// A filter that allows everything: filters only ever add up.
static int widen(const char *a) {
    (void)a;
    struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {.len = 1, .filter = all};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return -1;
    return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

const struct probe privilege_probes[] = {
    {"raise-limit", raise_limit}, {"set-clock", set_clock}, {"mount-cgroup", mount_cgroup}, {"move-mount", move_tree},
    {"make-node", make_node}, {"drop-groups", drop_groups}, {"run-setuid", run_setuid}, {"is-root", is_root},
    {"lock-memory", lock_memory}, {"open-securebits", open_securebits}, {"core", core}, {"find-key", find_key},
    {"exec-again", exec_again}, {"exec-memory", exec_memory}, {"widen", widen}, {0},
};
