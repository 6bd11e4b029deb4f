// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int unshare_user(const char *a) { (void)a; return unshare(CLONE_NEWUSER); }
static int unshare_mount(const char *a) { (void)a; return unshare(CLONE_NEWNS); }

static int clone_user(const char *a) {
    (void)a;
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    return child < 0 ? -1 : (waitpid((pid_t)child, NULL, 0), 0);
}

static int clone3_plain(const char *a) {
    (void)a;
    struct clone_args args = {.exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &args, sizeof args);
    if (child == 0) _exit(0);
    return child < 0 ? -1 : (waitpid((pid_t)child, NULL, 0), 0);
}

static int mount_tmpfs(const char *a) { (void)a; return mount("none", "/tmp", "tmpfs", 0, NULL); }
static int unmount(const char *path) { return umount2(*path ? path : "/tmp", MNT_DETACH); }
static int new_fs(const char *a) { (void)a; return syscall(SYS_fsopen, "tmpfs", 0) < 0 ? -1 : 0; }
static int tree(const char *a) { (void)a; return syscall(SYS_open_tree, AT_FDCWD, "/usr", 1) < 0 ? -1 : 0; }
static int enter(const char *a) {
    (void)a;
    int fd = open("/proc/self/ns/uts", O_RDONLY);
    return fd < 0 ? -1 : setns(fd, CLONE_NEWUTS);
}
static int change_root(const char *a) { (void)a; return chroot("/tmp"); }

const struct probe namespace_probes[] = {
    {"unshare-user", unshare_user}, {"unshare-mount", unshare_mount}, {"clone-user", clone_user},
    {"clone3", clone3_plain}, {"mount", mount_tmpfs}, {"umount", unmount}, {"fsopen", new_fs}, {"open-tree", tree},
    {"setns", enter}, {"chroot", change_root}, {0},
};
