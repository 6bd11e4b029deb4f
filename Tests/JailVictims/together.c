// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Two jails that want to meet: what one leaves, another looks for.
#include "victim.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static key_t number(const char *key) { return (key_t)strtol(key, NULL, 10); }

static int shm_leave(const char *key) { return shmget(number(key), 4096, IPC_CREAT | 0666) < 0 ? -1 : 0; }
static int shm_find(const char *key) {
    int id = shmget(number(key), 0, 0);
    return id < 0 ? -1 : (shmctl(id, IPC_RMID, NULL), 0);
}
static int sem_leave(const char *key) { return semget(number(key), 1, IPC_CREAT | 0666) < 0 ? -1 : 0; }
static int sem_find(const char *key) {
    int id = semget(number(key), 0, 0);
    return id < 0 ? -1 : (semctl(id, 0, IPC_RMID), 0);
}

static int mq_leave(const char *key) {
    char name[64];
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
    snprintf(name, sizeof name, "/atomic-%s", key);
    umask(0);
    return mq_open(name, O_CREAT | O_RDWR, 0666, &attributes) < 0 ? -1 : 0;
}
static int mq_find(const char *key) {
    char name[64];
    snprintf(name, sizeof name, "/atomic-%s", key);
    if (mq_open(name, O_RDONLY) < 0) return -1;
    mq_unlink(name);
    return 0;
}

// Stays, so that another may look for it, once it has said so.
static int stay(void) {
    if (puts("ready") < 0 || fflush(stdout)) return -1;
    for (;;) pause();
}
static int file_leave(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    return fd < 0 || write(fd, "x", 1) != 1 ? -1 : 0;
}
static int lock_leave(const char *path) {
    int fd = open(path, O_RDONLY);
    return fd < 0 || flock(fd, LOCK_EX | LOCK_NB) ? -1 : stay();
}
static int lock_find(const char *path) {
    int fd = open(path, O_RDONLY);
    return fd < 0 ? 99 : flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK ? 0 : -1;
}

// Hears when anybody, in whatever jail, reads a file of a directory (fcntl(2), F_NOTIFY).
static void heard(int number) { (void)number; _exit(0); }
static int watch_directory(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    signal(SIGIO, heard);
    if (fd < 0 || fcntl(fd, F_NOTIFY, DN_ACCESS | DN_MULTISHOT)) return -1;
    return stay();
}

// A hundred messages with 100 descriptors each, over the channel.
static int send_descriptors(const char *a) {
    (void)a;
    enum { EACH = 100, TIMES = 100 };
    union { char space[CMSG_SPACE(sizeof(int) * EACH)]; struct cmsghdr align; } control = {0};
    struct iovec part = {"x", 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space,
        .msg_controllen = sizeof control.space};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * EACH);
    for (int i = 0; i < EACH; i++) memcpy(CMSG_DATA(c) + i * (int)sizeof(int), &(int){0}, sizeof(int));
    // The kernel lets only so many be on their way (ETOOMANYREFS); when they were read or dropped it is the next ones' turn.
    for (int i = 0; i < TIMES; i++)
        while (sendmsg(3, &message, 0) != 1) {
            if (errno != ETOOMANYREFS) return -1;
            sched_yield();
        }
    return 0;
}

// Answers every byte of the channel with one, until there is nobody to answer.
static int answer(const char *a) {
    (void)a;
    char c;
    while (read(3, &c, 1) == 1)
        if (write(3, &c, 1) != 1) return -1;
    return 0;
}

// The processors that the program may use.
static int processors(const char *a) {
    (void)a;
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set)) return -1;
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &set)) printf("%d ", i);
    puts("");
    return 0;
}

const struct probe together_probes[] = {
    {"shm-leave", shm_leave}, {"shm-find", shm_find}, {"sem-leave", sem_leave}, {"sem-find", sem_find},
    {"mq-leave", mq_leave}, {"mq-find", mq_find}, {"file-leave", file_leave}, {"lock-leave", lock_leave},
    {"lock-find", lock_find}, {"watch-directory", watch_directory}, {"send-descriptors", send_descriptors},
    {"answer", answer}, {"processors", processors}, {0},
};
