// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int handle(const char *a) {
    (void)a;
    struct { struct file_handle head; unsigned char bytes[128]; } h = {.head = {.handle_bytes = 128}};
    int mount;
    // A handle that was made elsewhere would do as well; where the filter refuses to make one, the form is guessed.
    if (syscall(SYS_name_to_handle_at, AT_FDCWD, "/usr", &h, &mount, 0) && errno != ENOSYS) return -1;
    int at = open("/usr", O_RDONLY | O_DIRECTORY);
    return syscall(SYS_open_by_handle_at, at, &h, O_RDONLY) < 0 ? -1 : 0;
}

static int create(const char *path) { return open(path, O_WRONLY | O_CREAT, 0644) < 0 ? -1 : 0; }
static int append(const char *path) { return open(path, O_WRONLY | O_APPEND) < 0 ? -1 : 0; }
static int look(const char *path) {
    struct stat status;
    return stat(path, &status);
}

// Writes a program into a directory and runs it.
static int drop_and_run(const char *directory) {
    char path[256];
    snprintf(path, sizeof path, "%s/dropped", directory);
    int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    char buffer[65536];
    ssize_t got;
    if (from < 0 || to < 0) return -1;
    while ((got = read(from, buffer, sizeof buffer)) > 0)
        if (write(to, buffer, (size_t)got) != got) return -1;
    close(to);
    execl(path, path, "look", "/", NULL);
    return -1;
}

static int fill(const char *path) {
    static char block[1 << 20];
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    if (fd < 0) return -1;
    for (int i = 0; i < 64; i++)
        if (write(fd, block, sizeof block) != sizeof block) return -1;
    return 0;
}

const struct probe file_probes[] = {
    {"open-by-handle", handle}, {"create", create}, {"append", append}, {"look", look}, {"drop-and-run", drop_and_run},
    {"fill", fill}, {0},
};
