// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// As many processes as the argument says, all alive at once.
static int forks(const char *count) {
    int wanted = atoi(count), made = 0, saved = 0;
    int gate[2];
    if (pipe(gate)) return -1;
    while (made < wanted) {
        pid_t child = fork();
        if (child < 0) {
            saved = errno;
            break;
        }
        if (child == 0) {
            char c;
            close(gate[1]);
            _exit(read(gate[0], &c, 1) < 0);
        }
        made++;
    }
    close(gate[1]);
    while (wait(NULL) > 0) {}
    errno = saved;
    return made == wanted ? 0 : -1;
}

// Never ends by itself and survives failing forks.
static int fork_bomb(const char *a) {
    (void)a;
    for (;;)
        if (fork() < 0) continue;
    return 0;
}

static int memory(const char *bytes) {
    size_t size = strtoull(bytes, NULL, 10);
    char *at = malloc(size);
    if (!at) return -1;
    memset(at, 1, size);
    return at[size / 2] == 1 ? 0 : -1;
}

// The same in a child that is not the first thread's.
static void *in_a_child(void *bytes) {
    int status = 1;
    pid_t child = fork();
    // It stays long enough to be seen.
    if (child == 0) _exit(memory(bytes) || nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL));
    if (child > 0) waitpid(child, &status, 0);
    return status ? bytes : NULL;
}
static int memory_by_thread(const char *bytes) {
    pthread_t thread;
    void *bad;
    if (pthread_create(&thread, NULL, in_a_child, (void *)(uintptr_t)bytes) || pthread_join(thread, &bad)) return -1;
    return bad ? -1 : 0;
}

static int spin(const char *a) {
    (void)a;
    for (volatile unsigned long i = 0;; i++) {}
    return 0;
}

// Two processes that spin, so that no single one reaches the limit.
static int spin_twice(const char *a) {
    return fork() < 0 ? -1 : spin(a);
}

static int hang(const char *a) {
    (void)a;
    for (;;) pause();
    return 0;
}

// Ignores everything that can be ignored.
static int stubborn(const char *a) {
    for (int s = 1; s < 32; s++) signal(s, SIG_IGN);
    return spin(a);
}

static int flood(const char *bytes) {
    static char block[4096];
    memset(block, 'x', sizeof block);
    for (long left = atol(bytes); left > 0; left -= (long)sizeof block)
        if (write(1, block, left < (long)sizeof block ? (size_t)left : sizeof block) < 0) return -1;
    return 0;
}

static int big_file(const char *bytes) {
    static char block[4096];
    FILE *f = fopen("/tmp/big", "w");
    if (!f) return -1;
    for (long left = atol(bytes); left > 0; left -= (long)sizeof block)
        if (fwrite(block, 1, sizeof block, f) != sizeof block) return -1;
    return fclose(f);
}

static int open_files(const char *count) {
    for (int left = atoi(count); left > 0; left--)
        if (dup(0) < 0) return -1;
    return 0;
}

// CPU milliseconds, and then a good end.
static int burn(const char *milliseconds) {
    struct timespec used;
    long wanted = atol(milliseconds);
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < wanted);
    return 0;
}

static int wait_for(const char *milliseconds) {
    long wanted = atol(milliseconds);
    return nanosleep(&(struct timespec){.tv_sec = wanted / 1000, .tv_nsec = wanted % 1000 * 1000000}, NULL);
}

static int many_files(const char *count) {
    for (int left = atoi(count); left > 0; left--) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/%d", left);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0) return -1;
        close(fd);
    }
    return 0;
}

// Fills /tmp, empties it, and again.
static int fill_for_ever(const char *a) {
    (void)a;
    static char block[1 << 16];
    for (;;) {
        int fd = open("/tmp/full", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        while (fd >= 0 && write(fd, block, sizeof block) > 0) {}
        close(fd);
    }
    return 0;
}

static int flood_for_ever(const char *a) {
    (void)a;
    static char block[1 << 16];
    for (;;)
        if (write(1, block, sizeof block) < 0) return -1;
    return 0;
}

static int crash(const char *a) {
    (void)a;
    abort();
}

static int say(const char *text) { return puts(text) < 0 || fflush(stdout) ? -1 : hang(text); }

const struct probe bomb_probes[] = {
    {"forks", forks}, {"fork-bomb", fork_bomb}, {"memory", memory},
    {"memory-by-thread", memory_by_thread}, {"spin", spin}, {"spin-twice", spin_twice},
    {"hang", hang}, {"stubborn", stubborn}, {"flood", flood}, {"big-file", big_file}, {"open-files", open_files}, {"crash", crash}, {"say", say},
    {"burn", burn}, {"wait-for", wait_for}, {"many-files", many_files}, {"fill-for-ever", fill_for_ever},
    {"flood-for-ever", flood_for_ever}, {0},
};
