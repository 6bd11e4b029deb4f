// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors
//
// Runs a program and reads the kernel's accounts of it and of one of its children while it runs.

#include "floors.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_words = 64 };

struct account {
    pid_t parent;
    long own;
    long children;
};

// proc(5): the fields follow the last ')', which ends the name.
static int read_account(pid_t pid, struct account *account) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t got = read(file, text, sizeof text - 1);
    close(file);
    if (got <= 0) return 0;
    text[got] = 0;
    char *close_bracket = strrchr(text, ')');
    if (close_bracket == NULL) return 0;
    int parent;
    long user, system, children_user, children_system;
    if (sscanf(close_bracket + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld %ld", &parent, &user, &system,
               &children_user, &children_system) != 5)
        return 0;
    account->parent = parent;
    account->own = user + system;
    account->children = children_user + children_system;
    return 1;
}

// By its first word: a program that runs from a memory file has a descriptor's number for a name.
static int is_called(pid_t pid, const char *name) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t got = read(file, text, sizeof text - 1);
    close(file);
    if (got <= 0) return 0;
    text[got] = 0;
    return strcmp(text, name) == 0;
}

static pid_t find_child(pid_t parent, const char *name) {
    DIR *processes = opendir("/proc");
    if (processes == NULL) return 0;
    pid_t found = 0;
    for (struct dirent *entry; found == 0 && (entry = readdir(processes)) != NULL;) {
        struct account account;
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        pid_t pid = atoi(entry->d_name);
        if (read_account(pid, &account) && account.parent == parent && is_called(pid, name)) found = pid;
    }
    closedir(processes);
    return found;
}

int floor_watch(const char *words, size_t count, const char *output, const char *child, struct floor_watched *result) {
    char *argv[most_words + 1];
    if (count == 0 || count > most_words) return E2BIG;
    for (size_t i = 0; i < count; i++) {
        argv[i] = (char *)words;
        words += strlen(words) + 1;
    }
    argv[count] = NULL;
    memset(result, 0, sizeof *result);
    int64_t begun = floor_now();
    pid_t pid = fork();
    if (pid < 0) return errno;
    if (pid == 0) {
        int file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (file < 0 || dup2(file, STDOUT_FILENO) < 0) _exit(127);
        execv(argv[0], argv);
        _exit(127);
    }
    int64_t tick = 1000000000 / sysconf(_SC_CLK_TCK);
    pid_t other = 0;
    for (;;) {
        struct account account;
        // The account of a process that has ended stays readable until it is waited for.
        siginfo_t info = {0};
        int ended = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
        if (ended && result->wall == 0) result->wall = floor_now() - begun;
        if (other == 0) other = find_child(pid, child);
        if (other != 0 && read_account(other, &account) && account.parent == pid) {
            result->child = account.own * tick;
            result->grandchildren = account.children * tick;
        }
        if (read_account(pid, &account)) result->own = account.own * tick;
        if (ended) break;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    struct rusage usage;
    if (wait4(pid, &result->status, 0, &usage) != pid) return errno;
    result->peak = (int64_t)usage.ru_maxrss * 1024;
    return 0;
}
