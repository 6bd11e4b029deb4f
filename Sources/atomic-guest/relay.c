// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Between the port and the program's streams, until the program has ended. Input is taken from the port only when what was
// taken before is delivered, so the program's own pace holds the host back.
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn void power_off(void) {
    // A microvm has no power button: the monitor ends when its guest resets.
    for (;;) reboot(RB_AUTOBOOT);
}

static uint8_t incoming[FRAME_MAX];
static struct { const uint8_t *at; size_t left; int to; } pending;
static struct { int memory; uint64_t left; } attachment = {.memory = -1};

static void close_once(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

// A memory file as the process tier hands it over: sealed, opened for reading only.
static void attach(const struct header *h) {
    if (h->type == FRAME_ATTACH) {
        if (attachment.memory >= 0 || h->length != sizeof attachment.left) power_off();
        memcpy(&attachment.left, incoming, sizeof attachment.left);
        attachment.memory = memfd_create("atomic-input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (attachment.memory < 0 || attachment.left > ATTACHMENT_MAX) power_off();
    } else {
        if (attachment.memory < 0 || h->length > attachment.left) power_off();
        if (write(attachment.memory, incoming, h->length) != (ssize_t)h->length) power_off();
        attachment.left -= h->length;
    }
    if (attachment.left) return;
    char path[32] = "/proc/self/fd/";
    int number = attachment.memory;
    char digits[12], *end = digits + sizeof digits - 1;
    *end = 0;
    do *--end = (char)('0' + number % 10); while (number /= 10);
    strcat(path, end);
    if (fcntl(attachment.memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) ||
        fchmod(attachment.memory, 0444))
        power_off();
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    if (reader < 0) power_off();
    close(attachment.memory);
    attachment.memory = reader;
}

static void take_frame(struct streams *s) {
    struct header h;
    if (frame_read(&h, incoming)) power_off();
    switch (h.type) {
    case FRAME_CHANNEL: pending.to = s->channel; break;
    case FRAME_STDIN: pending.to = s->in; break;
    case FRAME_ATTACH:
    case FRAME_ATTACH_DATA: attach(&h); return;
    case FRAME_CHANNEL_END: if (s->channel >= 0) shutdown(s->channel, SHUT_WR); return;
    case FRAME_STDIN_END: close_once(&s->in); return;
    default: power_off();
    }
    // What nobody reads any more is dropped.
    if (pending.to < 0) return;
    pending.at = incoming;
    pending.left = h.length;
}

static ssize_t send_channel(int channel) {
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = (void *)(uintptr_t)pending.at, .iov_len = pending.left};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    bool beside = attachment.memory >= 0 && attachment.left == 0;
    if (beside) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        *c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(c), &attachment.memory, sizeof(int));
    }
    ssize_t put = sendmsg(channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0 && beside) close_once(&attachment.memory);
    return put;
}

static void deliver(struct streams *s) {
    ssize_t put = pending.to == s->channel ? send_channel(s->channel) : write(s->in, pending.at, pending.left);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (put < 0) {
        if (pending.to == s->in) close_once(&s->in);
        pending.left = 0;
        return;
    }
    pending.at += put;
    pending.left -= (size_t)put;
}

static void fetch(int *from, enum frame type) {
    static uint8_t chunk[RELAY_MAX];
    ssize_t got = read(*from, chunk, sizeof chunk);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got > 0) {
        frame_send(type, chunk, (size_t)got);
        return;
    }
    if (type == FRAME_FROM_CHANNEL) frame_send(FRAME_FROM_CHANNEL_END, NULL, 0);
    close_once(from);
}

static void drain(int *from, enum frame type) {
    // Every writer is dead, so this ends.
    while (*from >= 0) fetch(from, type);
}

static _Noreturn void finish(pid_t program, struct streams *s) {
    struct end end = {0};
    while (waitpid(program, &end.wait_status, 0) < 0 && errno == EINTR) {}
    group_kill();
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {}
    group_usage(&end);
    drain(&s->out, FRAME_STDOUT);
    drain(&s->err, FRAME_STDERR);
    drain(&s->channel, FRAME_FROM_CHANNEL);
    frame_send(FRAME_END, &end, sizeof end);
    power_off();
}

_Noreturn void relay(const struct config *c, pid_t program, const struct streams *outside) {
    struct streams s = *outside;
    (void)c;
    int ended = (int)syscall(SYS_pidfd_open, program, 0), refused = group_pids_events();
    if (ended < 0) power_off();
    if (s.in >= 0) fcntl(s.in, F_SETFL, O_NONBLOCK | O_WRONLY);
    for (;;) {
        bool idle = pending.left == 0;
        struct pollfd wanted[] = {
            {.fd = ended, .events = POLLIN},
            {.fd = s.out, .events = POLLIN},
            {.fd = s.err, .events = POLLIN},
            {.fd = s.channel, .events = (short)(POLLIN | (!idle && pending.to == s.channel ? POLLOUT : 0))},
            {.fd = idle ? port : -1, .events = POLLIN},
            {.fd = !idle && pending.to == s.in ? s.in : -1, .events = POLLOUT},
            {.fd = refused, .events = POLLPRI},
        };
        if (poll(wanted, sizeof wanted / sizeof *wanted, -1) < 0) continue;
        if (wanted[1].revents) fetch(&s.out, FRAME_STDOUT);
        if (wanted[2].revents) fetch(&s.err, FRAME_STDERR);
        if (wanted[3].revents & POLLOUT || wanted[5].revents) deliver(&s);
        if (wanted[3].revents & (POLLIN | POLLHUP | POLLERR)) fetch(&s.channel, FRAME_FROM_CHANNEL);
        // A channel that is gone takes what was meant for it with it.
        if (pending.left && pending.to != s.channel && pending.to != s.in) pending.left = 0;
        if (wanted[4].revents) take_frame(&s);
        if (wanted[6].revents & POLLPRI) {
            struct end now;
            group_usage(&now);
            if (now.pids_hits) group_kill();
            close_once(&refused);
        }
        if (wanted[0].revents) finish(program, &s);
    }
}
