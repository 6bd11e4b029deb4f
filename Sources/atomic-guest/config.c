// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The configuration: little-endian, every string with its length and final NUL, nothing left over.
#include "guest.h"

#include <errno.h>
#include <string.h>

struct cursor {
    uint8_t *at;
    size_t left;
    bool bad;
};

static void *take(struct cursor *c, size_t count) {
    if (c->bad || count > c->left) { c->bad = true; return NULL; }
    void *here = c->at;
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

static const char *take_string(struct cursor *c) {
    uint32_t length = take32(c);
    if (length == 0 || length > STRING_MAX) { c->bad = true; return NULL; }
    const char *text = take(c, length);
    if (!text || memchr(text, 0, length) != text + length - 1) { c->bad = true; return NULL; }
    return text;
}

static uint32_t take_strings(struct cursor *c, const char **out) {
    uint32_t count = take32(c);
    if (count > ARGS_MAX) { c->bad = true; return 0; }
    for (uint32_t i = 0; i < count && !c->bad; i++) out[i] = take_string(c);
    if (c->bad) return 0;
    out[count] = NULL;
    return count;
}

int config_parse(uint8_t *bytes, size_t length, struct config *c, struct failure *f) {
    static struct sock_filter code[FILTER_MAX];
    struct cursor at = {.at = bytes, .left = length};
    memset(c, 0, sizeof *c);
    uint32_t version = take32(&at);
    c->flags = take32(&at);
    c->root = take32(&at);
    uint64_t *numbers[] = {&c->clock_ns, &c->memory, &c->pids, &c->cpu_seconds, &c->file_bytes, &c->open_files,
        &c->tmpfs_bytes, &c->tmpfs_inodes};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) *numbers[i] = take64(&at);
    c->cwd = take_string(&at);
    c->argc = take_strings(&at, c->argv);
    c->envc = take_strings(&at, c->envp);
    c->linkc = take32(&at);
    if (c->linkc > LINKS_MAX) at.bad = true;
    for (uint32_t i = 0; i < c->linkc && !at.bad; i++) {
        c->links[i].name = take_string(&at);
        c->links[i].target = take_string(&at);
    }
    c->mountc = take32(&at);
    if (c->mountc > MOUNTS_MAX) at.bad = true;
    for (uint32_t i = 0; i < c->mountc && !at.bad; i++) {
        c->mounts[i].target = take_string(&at);
        c->mounts[i].noexec = take32(&at);
        c->mounts[i].directory = take32(&at);
        if (!at.bad && c->mounts[i].target[0] != '/') at.bad = true;
    }
    uint32_t filter = take32(&at);
    const void *program = take(&at, filter);
    if (at.bad || at.left || version != 1 || c->argc == 0 || c->root > ROOT_DISK || c->flags > CONFIG_CHANNEL ||
        filter == 0 || filter > sizeof code || filter % sizeof *code)
        return failed_with(f, EBADMSG, "guest-config", "malformed");
    memcpy(code, program, filter);
    c->filter = (struct sock_fprog){.len = (unsigned short)(filter / sizeof *code), .filter = code};
    return 0;
}
