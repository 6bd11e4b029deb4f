// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Frames over the virtio-serial port: eight bytes of header, then the payload. Both sides are little-endian.
#include "guest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int port = -1;

static int read_all(void *to, size_t length) {
    uint8_t *at = to;
    while (length > 0) {
        ssize_t got = read(port, at, length);
        if (got < 0 && errno == EINTR) continue;
        // 0: the host has closed its end.
        if (got <= 0) return -1;
        at += got;
        length -= (size_t)got;
    }
    return 0;
}

int frame_read(struct header *h, uint8_t *payload) {
    if (read_all(h, sizeof *h) || h->zero[0] || h->zero[1] || h->zero[2] || h->length > FRAME_MAX) return -1;
    return read_all(payload, h->length);
}

void frame_send(enum frame type, const void *payload, size_t length) {
    static uint8_t whole[sizeof(struct header) + RELAY_MAX];
    struct header h = {.type = (uint8_t)type, .length = (uint32_t)length};
    memcpy(whole, &h, sizeof h);
    if (length) memcpy(whole + sizeof h, payload, length);
    size_t done = 0, all = sizeof h + length;
    while (done < all) {
        // Waits until the host has taken it.
        ssize_t put = write(port, whole + done, all - done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) power_off();
        done += (size_t)put;
    }
}
