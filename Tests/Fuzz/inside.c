// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// What a jail is, seen from inside: one line per fact, then it waits until the channel (descriptor 3) is closed and ends with 42.
// Two jails that print the same are walled in the same way (inject.py).
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static void show_link(const char *name, const char *path) {
    char target[512];
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    printf("%s %s\n", name, target);
}

static void show_file(const char *name, const char *path, const char *const *wanted) {
    char line[1024];
    FILE *f = fopen(path, "r");
    if (!f) printf("%s missing %d\n", name, errno);
    while (f && fgets(line, sizeof line, f)) {
        bool shown = !wanted;
        for (const char *const *w = wanted; w && *w; w++) shown = shown || !strncmp(line, *w, strlen(*w));
        if (shown) printf("%s %s", name, line);
    }
    if (f) fclose(f);
}

static void show_result(const char *name, long result) { printf("try %s %d\n", name, result < 0 ? errno : 0); }

static void show_spaces(void) {
    static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    for (int i = 0; i < 8; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        show_link("space", path);
    }
}

static void show_descriptors(void) {
    DIR *d = opendir("/proc/self/fd");
    for (struct dirent *e; d && (e = readdir(d));) {
        int fd = -1;
        struct stat status;
        if (sscanf(e->d_name, "%d", &fd) != 1 || fd == dirfd(d) || fstat(fd, &status)) continue;
        printf("descriptor %d %o %d\n", fd, status.st_mode & S_IFMT, fcntl(fd, F_GETFL));
    }
    if (d) closedir(d);
}

static void show_limits(void) {
    for (int i = 0; i < 16; i++) {
        struct rlimit limit;
        if (!getrlimit(i, &limit)) printf("limit %d %lu %lu\n", i, (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
    }
}

// Each of these fails because of one wall, and would work without it.
static void try_walls(void) {
    struct sockaddr_in any = {.sin_family = AF_INET};
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    show_result("landlock: bind of TCP", bind(tcp, (struct sockaddr *)&any, sizeof any));
    show_result("landlock: write outside /tmp", open("/proc/self/comm", O_WRONLY));
    show_result("landlock: signal to PID 1", kill(1, 0));
    show_result("ceiling: kcmp", syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0));
    show_result("hidden: PID 1", access("/proc/1/status", F_OK));
    show_result("hidden: PID 1's memory", open("/proc/1/mem", O_RDWR));
    show_result("hidden: the rest of /proc", access("/proc/meminfo", F_OK));
    show_result("root: mkdir /x", mkdir("/x", 0777));
    show_result("root: mkdir /usr/x", mkdir("/usr/x", 0777));
    show_result("root: /etc", access("/etc", F_OK));
    show_result("root: /sys", access("/sys", F_OK));
    show_result("tmp: a file", open("/tmp/x", O_CREAT | O_WRONLY, 0700));
    show_result("user: another namespace", syscall(SYS_unshare, CLONE_NEWNET));
    show_result("user: setuid", setuid(0));
    show_result("user: setgroups", syscall(SYS_setgroups, 0, NULL));
    show_result("user: nice", setpriority(PRIO_PROCESS, 0, -1));
    show_result("user: hostname", sethostname("x", 1));
}

int main(int argc, char **argv) {
    static const char *const facts[] = {"Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "Speculation", "SigBlk", "SigIgn", "SigCgt",
        "Cpus_allowed:", "NSpid", NULL};
    extern char **environ;
    char directory[4096];
    struct utsname uts;
    (void)argv;
    printf("arguments %d\n", argc);
    show_spaces();
    show_file("status", "/proc/self/status", facts);
    show_file("uid_map", "/proc/self/uid_map", NULL);
    show_file("gid_map", "/proc/self/gid_map", NULL);
    show_file("setgroups", "/proc/self/setgroups", NULL);
    show_file("cgroup", "/proc/self/cgroup", NULL);
    show_file("mount", "/proc/self/mountinfo", NULL);
    show_file("interface", "/proc/self/net/dev", NULL);
    show_descriptors();
    show_limits();
    for (char **e = environ; *e; e++) printf("environment %s\n", *e);
    printf("directory %s\n", getcwd(directory, sizeof directory) ? directory : "");
    uname(&uts);
    printf("host %s\n", uts.nodename);
    printf("umask %o nice %d policy %d personality %x session %d group %d parent %d\n", umask(0), getpriority(PRIO_PROCESS, 0),
        sched_getscheduler(0), personality(0xffffffff), getsid(0) == getpid(), getpgrp() == getpid(), getppid());
    int death = -1;
    prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
    printf("dumpable %d death %d securebits %x write-execute %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), death,
        prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), prctl(66 /* PR_GET_MDWE */, 0, 0, 0, 0));
    try_walls();
    puts("done");
    fflush(stdout);
    char word;
    while (read(3, &word, 1) > 0) {}
    return 42;
}
