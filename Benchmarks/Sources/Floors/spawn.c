// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "floors.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { most_words = 64 };

static int64_t clock_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t floor_thread_cpu(void) { return clock_of(CLOCK_THREAD_CPUTIME_ID); }

int64_t floor_now(void) { return clock_of(CLOCK_MONOTONIC); }

const char *floor_libc_version(void) { return gnu_get_libc_version(); }

static int64_t nanoseconds(struct timeval time) { return (int64_t)time.tv_sec * 1000000000 + time.tv_usec * 1000; }

int floor_spawn(const char *words, size_t count, int *status, int64_t *wall, int64_t *cpu) {
    char *argv[most_words + 1];
    if (count == 0 || count > most_words) return E2BIG;
    for (size_t i = 0; i < count; i++) {
        argv[i] = (char *)words;
        words += strlen(words) + 1;
    }
    argv[count] = NULL;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int64_t start = floor_now();
    int failure = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
    if (failure == 0) {
        int ended;
        struct rusage usage;
        while (wait4(pid, &ended, 0, &usage) < 0)
            if (errno != EINTR) return errno;
        *wall = floor_now() - start;
        *cpu = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
        *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}
