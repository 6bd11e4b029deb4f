// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "floors.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int floor_echo_start(const char *path, int *descriptor, int *process) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) return errno;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pair[1], 3);
    char *const argv[] = {(char *)path, NULL};
    pid_t pid = 0;
    int failure = posix_spawn(&pid, path, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pair[1]);
    *descriptor = pair[0];
    *process = pid;
    return failure;
}

int floor_echo_end(int descriptor, int process) {
    close(descriptor);
    while (waitpid(process, NULL, 0) < 0)
        if (errno != EINTR) return errno;
    return 0;
}

int floor_round_trip(int descriptor, size_t length, int64_t *nanoseconds) {
    char bytes[4096] = {0};
    if (length > sizeof bytes) return E2BIG;
    int64_t start = floor_now();
    if (write(descriptor, bytes, length) != (ssize_t)length) return errno;
    for (size_t have = 0; have < length;) {
        ssize_t got = read(descriptor, bytes, length - have);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got ? errno : EPIPE;
        have += (size_t)got;
    }
    *nanoseconds = floor_now() - start;
    return 0;
}
