// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "floors.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

enum { most_words = 16 };

int floor_ask_start(const char *words, size_t count, int *descriptor, int *process) {
    char *argv[most_words + 1];
    if (count == 0 || count > most_words) return E2BIG;
    for (size_t i = 0; i < count; i++) {
        argv[i] = (char *)words;
        words += strlen(words) + 1;
    }
    argv[count] = NULL;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) return errno;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pair[1], 0);
    posix_spawn_file_actions_adddup2(&actions, pair[1], 1);
    pid_t pid = 0;
    int failure = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pair[1]);
    if (failure) close(pair[0]);
    *descriptor = pair[0];
    *process = pid;
    return failure;
}

int floor_ask(int descriptor, const char *question, char *answer, size_t size) {
    size_t length = strlen(question);
    // A program that has ended must not end us as well.
    ssize_t sent = send(descriptor, question, length, MSG_NOSIGNAL);
    if (sent != (ssize_t)length) return sent < 0 ? errno : EPIPE;
    for (size_t have = 0; have + 1 < size;) {
        ssize_t got = recv(descriptor, answer + have, size - 1 - have, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got ? errno : EPIPE;
        have += (size_t)got;
        if (answer[have - 1] == '\n') {
            answer[have - 1] = 0;
            return 0;
        }
    }
    return EMSGSIZE;
}
