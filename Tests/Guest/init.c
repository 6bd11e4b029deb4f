// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The first process of a virtual machine that looks like a host with cgroup v2 and Debian's own kernel. Its root is the host's, shared
// read-only; what is written goes to memory. It runs one command and says on the console how that ended.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int failed, const char *what) {
    if (!failed) return;
    printf("guest: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    reboot(RB_POWER_OFF);
}

static void load(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "/modules/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    // Built in, where there is no file.
    if (fd < 0) return;
    must(syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST, name);
    close(fd);
}

static void memory(const char *path, const char *mode) { must(mount("memory", path, "tmpfs", 0, mode), path); }

static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    must(fd < 0 || write(fd, text, strlen(text)) < 0, path);
    close(fd);
}

int main(void) {
    static char command[1 << 16];
    char name[64];
    int script = open("/command", O_RDONLY | O_CLOEXEC);
    must(script < 0 || read(script, command, sizeof command - 1) <= 0, "/command");
    FILE *list = fopen("/modules/order", "r");
    must(!list, "/modules/order");
    while (fscanf(list, "%63s", name) == 1) load(name);
    fclose(list);
    must(mount("root", "/root", "9p", MS_RDONLY, "trans=virtio,version=9p2000.L,cache=loose,msize=262144"), "the host's root");
    must(chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"), "into the root");
    must(mount("proc", "/proc", "proc", 0, ""), "/proc");
    must(mount("sys", "/sys", "sysfs", 0, ""), "/sys");
    must(mount("dev", "/dev", "devtmpfs", 0, ""), "/dev");
    must(mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, ""), "/sys/fs/cgroup");
    must(mkdir("/dev/pts", 0755) && errno != EEXIST, "/dev/pts");
    must(mount("pts", "/dev/pts", "devpts", 0, "ptmxmode=666"), "/dev/pts");
    memory("/tmp", "mode=1777");
    memory("/run", "mode=755");
    put("/sys/fs/cgroup/cgroup.subtree_control", "+memory +pids +cpu");

    pid_t child = fork();
    if (child == 0) {
        setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
        setenv("HOME", "/tmp", 1);
        execv("/bin/bash", (char *[]){"bash", "-c", command, NULL});
        _exit(127);
    }
    int status = -1;
    for (pid_t pid; (pid = wait(&status)) != child && (pid > 0 || errno == EINTR);) {}
    printf("guest: ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
}
