// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// One packet with descriptors beside it, among the launcher's own processes (unix(7), SCM_RIGHTS).
#include "launcher.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    char space[CMSG_SPACE(sizeof(int) * PACKET_FDS)];
    struct cmsghdr align;
};

ssize_t packet_send(int socket, const void *bytes, size_t length, const int *fds, size_t count) {
    union control control;
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > PACKET_FDS) { errno = E2BIG; return -1; }
    if (count) {
        // The padding too: nothing of the stack leaves.
        memset(control.space, 0, CMSG_SPACE(sizeof(int) * count));
        header.msg_control = control.space;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent;
}

// 0 when the other side is gone. Descriptors are close-on-exec. All of them or none: without room in the table the kernel hands over
// the first ones only, and whoever counts on the others would take some other descriptor for them.
ssize_t packet_receive(int socket, void *bytes, size_t room, int *fds, size_t *count) {
    union control control;
    struct iovec part = {.iov_base = bytes, .iov_len = room};
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    ssize_t got;
    *count = 0;
    do {
        got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return got;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        size_t here = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds + *count, CMSG_DATA(c), here * sizeof(int));
        *count += here;
    }
    if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        while (*count) close(fds[--*count]);
        errno = EMFILE;
        return -1;
    }
    return got;
}
