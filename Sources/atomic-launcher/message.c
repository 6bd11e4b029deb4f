// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The protocol with the supervisor: SOCK_SEQPACKET, one message per request, little-endian, descriptors by SCM_RIGHTS.
// This is the launcher's attack surface. Every length is checked against what is left, strings end in their only NUL,
// unknown types and flags are refused, and so is a message with bytes left over.
#include "launcher.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint32_t MAGIC = 0x314c4a41;   // "AJL1"

int message_receive(int socket, struct message *m) {
    union {
        char space[CMSG_SPACE(sizeof(int) * 16)];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = m->bytes, .iov_len = sizeof m->bytes};
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    m->fd_count = 0;
    m->length = 0;
    ssize_t got;
    do {
        got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return 0;
    bool bad = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) { bad = true; continue; }
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (m->fd_count < MESSAGE_FDS) m->fds[m->fd_count++] = fd;
            else { close(fd); bad = true; }
        }
    }
    m->length = (size_t)got;
    if (bad) { message_close_fds(m); return -1; }
    return 1;
}

void message_close_fds(struct message *m) {
    for (size_t i = 0; i < m->fd_count; i++) close(m->fds[i]);
    m->fd_count = 0;
}

struct cursor {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static const void *take(struct cursor *c, size_t count) {
    if (c->bad || count > c->left) { c->bad = true; return NULL; }
    const void *here = c->at;
    c->at += count;
    c->left -= count;
    return here;
}

static uint32_t take32(struct cursor *c) {
    uint32_t value = 0;
    const void *at = take(c, sizeof value);
    if (at) memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t take64(struct cursor *c) {
    uint64_t value = 0;
    const void *at = take(c, sizeof value);
    if (at) memcpy(&value, at, sizeof value);
    return value;
}

// A length that counts the final NUL, then the bytes; that NUL is the only one.
static const char *take_string(struct cursor *c) {
    uint32_t length = take32(c);
    if (length == 0 || length > STRING_MAX) { c->bad = true; return NULL; }
    const char *text = take(c, length);
    if (!text || memchr(text, 0, length) != text + length - 1) { c->bad = true; return NULL; }
    return text;
}

static uint32_t take_strings(struct cursor *c, const char **out, uint32_t most) {
    uint32_t count = take32(c);
    if (count > most) { c->bad = true; return 0; }
    for (uint32_t i = 0; i < count && !c->bad; i++) out[i] = take_string(c);
    if (c->bad) return 0;
    out[count] = NULL;
    return count;
}

static bool normal_path(const char *path) {
    if (path[0] != '/') return false;
    for (const char *part = path; *part == '/';) {
        part++;
        size_t length = strcspn(part, "/");
        if (length == 0) return path[1] == 0;
        if (length == 1 && part[0] == '.') return false;
        if (length == 2 && part[0] == '.' && part[1] == '.') return false;
        part += length;
    }
    return true;
}

static bool at_or_under(const char *path, const char *top) {
    size_t length = strlen(top);
    return strncmp(path, top, length) == 0 && (path[length] == 0 || path[length] == '/');
}

// A mount may not hide what the jail is made of.
static bool good_target(const char *path) {
    return normal_path(path) && path[1] != 0 && !at_or_under(path, "/proc") && !at_or_under(path, "/dev") &&
           !at_or_under(path, "/sys") && strcmp(path, "/tmp") != 0;
}

static int bad(struct failure *f, const char *what) { return failed_with(f, EBADMSG, "request", what); }

static int parse_launch(struct cursor *c, struct message *m, struct launch *l, struct failure *f) {
    l->flags = take32(c);
    l->root = take32(c);
    l->image = take64(c);
    uint64_t *limits[] = {&l->limits.memory, &l->limits.pids, &l->limits.cpu_percent, &l->limits.wall_ns,
        &l->limits.cpu_ns, &l->limits.file_bytes, &l->limits.open_files, &l->limits.tmpfs_bytes,
        &l->limits.tmpfs_inodes};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        *limits[i] = take64(c);
        if (*limits[i] > (uint64_t)1 << 62) return bad(f, "a limit is too large");
    }
    l->cwd = take_string(c);
    l->argc = take_strings(c, l->argv, ARGS_MAX);
    l->envc = take_strings(c, l->envp, ARGS_MAX);
    l->mountc = take32(c);
    if (c->bad || l->mountc > MOUNTS_MAX) return bad(f, "launch");
    for (uint32_t i = 0; i < l->mountc; i++) {
        struct mount_request *r = &l->mounts[i];
        r->kind = take32(c);
        r->flags = take32(c);
        r->image = take64(c);
        r->source = take_string(c);
        r->target = take_string(c);
        if (c->bad || r->kind > MOUNT_IMAGE || r->flags > (MOUNT_READ_ONLY | MOUNT_NOEXEC)) return bad(f, "mount");
        if (!normal_path(r->source)) return failed_with(f, EINVAL, "mount-source", r->source);
        if (!good_target(r->target)) return failed_with(f, EINVAL, "mount-target", r->target);
    }
    if (l->flags > (LAUNCH_CHANNEL | LAUNCH_MDWE | LAUNCH_KVM) || l->root > ROOT_IMAGE) return bad(f, "flags");
    if (l->argc == 0 || !normal_path(l->cwd)) return bad(f, "argv or working directory");
    for (uint32_t i = 0; i < l->envc; i++) {
        const char *sign = strchr(l->envp[i], '=');
        if (!sign || sign == l->envp[i]) return bad(f, "environment");
    }
    const struct limits *n = &l->limits;
    if (!n->memory || !n->pids || !n->wall_ns || !n->cpu_ns || !n->open_files || !n->tmpfs_bytes || !n->tmpfs_inodes)
        return bad(f, "a limit is zero");
    size_t wanted = l->flags & LAUNCH_CHANNEL ? 5 : 4;
    if (m->fd_count != wanted) return bad(f, "descriptors");
    l->filter_fd = m->fds[0];
    for (int i = 0; i < 3; i++) l->stdio[i] = m->fds[1 + i];
    l->channel = wanted == 5 ? m->fds[4] : -1;
    return 0;
}

int request_parse(struct message *m, struct request *r, struct failure *f) {
    struct cursor c = {m->bytes, m->length, false};
    memset(r, 0, sizeof *r);
    if (take32(&c) != MAGIC) return bad(f, "magic");
    r->type = take32(&c);
    if (take32(&c) != m->length) return bad(f, "length");
    if (take32(&c) != 0) return bad(f, "reserved");
    if (r->type != REQUEST_LAUNCH && m->fd_count != 0) return bad(f, "descriptors");
    switch (r->type) {
    case REQUEST_STAGE:
        r->bytes = take64(&c);
        r->inodes = take64(&c);
        break;
    case REQUEST_SEAL:
    case REQUEST_DROP:
        r->image = take64(&c);
        break;
    case REQUEST_LAUNCH:
        if (parse_launch(&c, m, &r->launch, f)) return -1;
        break;
    default:
        return bad(f, "type");
    }
    if (c.bad) return bad(f, "truncated");
    if (c.left != 0) return bad(f, "trailing bytes");
    return 0;
}

struct reply {
    uint32_t magic;
    int32_t error;
    uint64_t value;
    char stage[STAGE_MAX], object[OBJECT_MAX];
};

// False when the answer could not be sent, as when too many descriptors are on their way already (ETOOMANYREFS).
static bool send_reply(const struct reply *r, const int *fds, size_t count) {
    union {
        char space[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = (void *)r, .iov_len = sizeof *r};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count) {
        memset(&control, 0, sizeof control);
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
        sent = sendmsg(SUPERVISOR, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

void reply_ok(uint64_t value, const int *fds, size_t count) {
    struct reply r = {.magic = MAGIC, .value = value};
    if (send_reply(&r, fds, count)) return;
    struct failure f;
    failed(&f, "reply", "sendmsg");
    reply_failure(&f);
}

// A jail that runs, and where its cgroup's meter of CPU stood when it began: the cgroup has served others before.
void reply_launched(uint64_t id, uint64_t cpu_before, const int *fds, size_t count) {
    struct reply r = {.magic = MAGIC, .value = id};
    snprintf(r.object, sizeof r.object, "%llu", (unsigned long long)cpu_before);
    if (send_reply(&r, fds, count)) return;
    struct failure f;
    failed(&f, "reply", "sendmsg");
    reply_failure(&f);
}

void reply_failure(const struct failure *f) {
    struct reply r = {.magic = MAGIC, .error = f->error ? f->error : EIO};
    memcpy(r.stage, f->stage, sizeof r.stage);
    memcpy(r.object, f->object, sizeof r.object);
    // Who gets no answer would wait for ever. A closed socket is one: reads come to an end, and so does the launcher (main.c).
    if (!send_reply(&r, NULL, 0)) shutdown(SUPERVISOR, SHUT_RDWR);
}

// The first message, sent before any request: what this machine offers.
void hello(const struct machine *m) {
    reply_ok((uint64_t)m->limits | (uint64_t)m->own_uid << 8 | (uint64_t)m->landlock << 16, NULL, 0);
}
