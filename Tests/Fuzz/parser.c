// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// libFuzzer over the launcher's parser (message.c). Input: one byte that says how many descriptors came, then the message.
// Whatever comes, nothing behind the message is read (it is poisoned), a refusal names a reason, and what is accepted means
// exactly the bytes that were sent: the request, written again by the encoder below, is the same message.
//
//   clang -fsanitize=fuzzer,address,undefined -fsanitize-trap=undefined parser.c ../../Sources/atomic-launcher/{message,failure}.c
#include "../../Sources/atomic-launcher/launcher.h"

#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 16 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

struct writer {
    uint8_t *bytes;
    size_t length;
};

static void put(struct writer *w, const void *bytes, size_t length) {
    must(length <= MESSAGE_MAX - w->length, "a request is larger than any message");
    memcpy(w->bytes + w->length, bytes, length);
    w->length += length;
}

static void put32(struct writer *w, uint32_t value) { put(w, &value, sizeof value); }
static void put64(struct writer *w, uint64_t value) { put(w, &value, sizeof value); }

static void put_string(struct writer *w, const struct message *m, const char *text) {
    const uint8_t *at = (const uint8_t *)text;
    must(text && at >= m->bytes && at < m->bytes + m->length, "a string does not lie in the message");
    size_t room = (size_t)(m->bytes + m->length - at), length = strnlen(text, room);
    must(length < room, "a string does not end in the message");
    must(length < STRING_MAX, "a string is longer than any may be");
    put32(w, (uint32_t)length + 1);
    put(w, text, length + 1);
}

static void put_strings(struct writer *w, const struct message *m, const char *const *texts, uint32_t count) {
    must(count <= ARGS_MAX, "there are more strings than any list may have");
    must(texts[count] == NULL, "a list does not end");
    put32(w, count);
    for (uint32_t i = 0; i < count; i++) put_string(w, m, texts[i]);
}

static void put_launch(struct writer *w, const struct message *m, const struct launch *l) {
    const struct limits *n = &l->limits;
    const uint64_t limits[] = {n->memory, n->pids, n->cpu_percent, n->wall_ns, n->cpu_ns, n->file_bytes, n->open_files,
        n->tmpfs_bytes, n->tmpfs_inodes};
    put32(w, l->flags);
    put32(w, l->root);
    put64(w, l->image);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        must(limits[i] <= (uint64_t)1 << 62, "a limit is too large");
        put64(w, limits[i]);
    }
    put_string(w, m, l->cwd);
    put_strings(w, m, l->argv, l->argc);
    put_strings(w, m, l->envp, l->envc);
    must(l->mountc <= MOUNTS_MAX, "there are too many mounts");
    put32(w, l->mountc);
    for (uint32_t i = 0; i < l->mountc; i++) {
        const struct mount_request *r = &l->mounts[i];
        must(r->kind <= MOUNT_IMAGE && r->flags <= (MOUNT_READ_ONLY | MOUNT_NOEXEC), "an unknown mount was accepted");
        must(r->source[0] == '/' && r->target[0] == '/' && r->target[1], "a path that is not absolute was accepted");
        must(!strstr(r->target, "/../") && !strstr(r->source, "/../"), "a path that leads upwards was accepted");
        put32(w, r->kind);
        put32(w, r->flags);
        put64(w, r->image);
        put_string(w, m, r->source);
        put_string(w, m, r->target);
    }
}

static void check_accepted(const struct message *m, const struct request *r) {
    static uint8_t again[MESSAGE_MAX];
    struct writer w = {.bytes = again};
    memcpy(again, m->bytes, 4);     // the magic number has no field
    w.length = 4;
    put32(&w, r->type);
    put32(&w, (uint32_t)m->length);
    put32(&w, 0);
    const struct launch *l = &r->launch;
    switch (r->type) {
    case REQUEST_STAGE:
        put64(&w, r->bytes);
        put64(&w, r->inodes);
        break;
    case REQUEST_SEAL:
    case REQUEST_DROP: put64(&w, r->image); break;
    case REQUEST_LAUNCH:
        put_launch(&w, m, l);
        must(l->argc > 0 && l->cwd[0] == '/', "a launch of nothing, or nowhere, was accepted");
        must(m->fd_count == (l->flags & LAUNCH_CHANNEL ? 5 : 4), "a launch without its descriptors was accepted");
        must(l->filter_fd == m->fds[0] && l->stdio[0] == m->fds[1] && l->stdio[1] == m->fds[2] && l->stdio[2] == m->fds[3],
            "descriptors changed places");
        must(l->channel == (m->fd_count == 5 ? m->fds[4] : -1), "the channel is not the one that was sent");
        break;
    default: must(false, "an unknown type was accepted");
    }
    must(r->type == REQUEST_LAUNCH || m->fd_count == 0, "descriptors came with a request that has none");
    must(w.length == m->length && !memcmp(again, m->bytes, m->length), "what was accepted is not what was sent");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct message m;
    static struct request r;
    struct failure f;
    if (size < 1 || size - 1 > MESSAGE_MAX) return -1;
    memset(&f, 0xff, sizeof f);
    m.fd_count = data[0] % (MESSAGE_FDS + 1);
    for (size_t i = 0; i < m.fd_count; i++) m.fds[i] = 1000 + (int)i;
    m.length = size - 1;
    memcpy(m.bytes, data + 1, m.length);
    __asan_poison_memory_region(m.bytes + m.length, MESSAGE_MAX - m.length);
    if (request_parse(&m, &r, &f)) {
        must(f.error > 0 && f.stage[0], "a refusal gives no reason");
        must(memchr(f.stage, 0, sizeof f.stage) && memchr(f.object, 0, sizeof f.object), "a reason does not end");
    } else {
        check_accepted(&m, &r);
    }
    __asan_unpoison_memory_region(m.bytes, MESSAGE_MAX);
    return 0;
}

// Seven of eight inputs get past the header: a wrong length is soon tested enough.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, room);
    if (seed % 8 == 0 || size < 1 + HEADER) return size;
    static const uint8_t magic[] = {'A', 'J', 'L', '1'};
    uint32_t length = (uint32_t)size - 1, reserved = 0, type;
    memcpy(data + 1, magic, sizeof magic);
    memcpy(&type, data + 5, sizeof type);
    type = type % 4 + 1;
    if (seed % 8 != 1) memcpy(data + 5, &type, sizeof type);
    memcpy(data + 9, &length, sizeof length);
    memcpy(data + 13, &reserved, sizeof reserved);
    return size;
}
