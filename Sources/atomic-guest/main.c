// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// PID 1 of the guest: see guest.h.
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int failed_with(struct failure *f, int error, const char *stage, const char *object) {
    memset(f, 0, sizeof *f);
    snprintf(f->stage, sizeof f->stage, "%s", stage);
    snprintf(f->object, sizeof f->object, "%.*s", OBJECT_MAX - 1, object);
    f->error = error;
    return -1;
}

int failed(struct failure *f, const char *stage, const char *object) { return failed_with(f, errno, stage, object); }

static _Noreturn void give_up(const struct failure *f) {
    frame_send(FRAME_FAILED, f, sizeof *f);
    power_off();
}

static int make_streams(const struct config *c, struct streams *inside, struct streams *outside, struct failure *f) {
    int in[2], out[2], err[2], channel[2] = {-1, -1};
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) return failed(f, "pipe", "stdio");
    if (c->flags & CONFIG_CHANNEL && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel))
        return failed(f, "socket", "channel");
    *inside = (struct streams){in[0], out[1], err[1], channel[1]};
    *outside = (struct streams){in[1], out[0], err[0], channel[0]};
    return 0;
}

static void close_inside(const struct streams *s) {
    close(s->in);
    close(s->out);
    close(s->err);
    if (s->channel >= 0) close(s->channel);
}

int main(void) {
    static uint8_t payload[FRAME_MAX];
    static struct config config;
    struct header h;
    struct failure f;
    struct streams inside, outside;
    int report[2];
    if (getpid() != 1) return 2;
    signal(SIGPIPE, SIG_IGN);
    boot();
    if (frame_read(&h, payload) || h.type != FRAME_CONFIG) power_off();
    if (config_parse(payload, h.length, &config, &f) || modules_for_root(&config, &f) || root_make(&config, &f) ||
        group_make(&config, &f) || make_streams(&config, &inside, &outside, &f))
        give_up(&f);
    struct timespec now = {.tv_sec = (time_t)(config.clock_ns / 1000000000), .tv_nsec = (long)(config.clock_ns % 1000000000)};
    clock_settime(CLOCK_REALTIME, &now);
    if (pipe2(report, O_CLOEXEC)) {
        failed(&f, "pipe", "report");
        give_up(&f);
    }
    pid_t program = fork();
    if (program < 0) {
        failed(&f, "fork", "program");
        give_up(&f);
    }
    if (program == 0) program_main(&config, &inside, report[1]);
    close(report[1]);
    close_inside(&inside);
    // Closed without a word by exec.
    if (read(report[0], &f, sizeof f) == (ssize_t)sizeof f) give_up(&f);
    close(report[0]);
    frame_send(FRAME_STARTED, NULL, 0);
    relay(&config, program, &outside);
}
