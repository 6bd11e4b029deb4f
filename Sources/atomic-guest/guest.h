// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// The first and only own process of a microvm guest. It reads one configuration from the virtio-serial port, makes the root,
// starts one program in it, relays its streams as frames, and tells how it ended. The program is the enemy here; the host
// is not, but what it sends is checked all the same.
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    FRAME_MAX = 128 * 1024,     // bytes of one payload
    RELAY_MAX = 32 * 1024 - 8,  // of one that carries a stream: header and payload are one write to the port
    STRING_MAX = 4096,
    ARGS_MAX = 256,
    MOUNTS_MAX = 64,
    LINKS_MAX = 8,
    FILTER_MAX = 4096,          // BPF instructions (BPF_MAXINSNS)
    ATTACHMENT_MAX = 256 << 20, // bytes of one memory file
    STAGE_MAX = 32,
    OBJECT_MAX = 200,
    PROGRAM_ID = 1000,
};

// Sources/Jail/MicroVMFrame.swift is the other side.
enum frame {
    FRAME_CONFIG = 1, FRAME_CHANNEL, FRAME_ATTACH, FRAME_ATTACH_DATA, FRAME_CHANNEL_END, FRAME_STDIN, FRAME_STDIN_END,
    FRAME_STARTED = 16, FRAME_FAILED, FRAME_FROM_CHANNEL, FRAME_FROM_CHANNEL_END, FRAME_STDOUT, FRAME_STDERR, FRAME_END,
};

struct header {
    uint8_t type, zero[3];
    uint32_t length;
};

// The step that failed, why, and on what: the payload of FRAME_FAILED.
struct failure {
    char stage[STAGE_MAX];
    char object[OBJECT_MAX];
    int32_t error;
};

int failed(struct failure *f, const char *stage, const char *object);
int failed_with(struct failure *f, int error, const char *stage, const char *object);

// The payload of FRAME_END.
struct end {
    int32_t wait_status;
    uint32_t zero;
    uint64_t memory_hits, pids_hits, cpu_ns, peak;
};

enum { CONFIG_CHANNEL = 1 };
enum { ROOT_SHARE = 0, ROOT_DISK = 1 };

struct config {
    uint32_t flags, root;
    uint64_t clock_ns, memory, pids, cpu_seconds, file_bytes, open_files, tmpfs_bytes, tmpfs_inodes;
    const char *cwd;
    uint32_t argc, envc, linkc, mountc;
    const char *argv[ARGS_MAX + 1], *envp[ARGS_MAX + 1];
    struct { const char *name, *target; } links[LINKS_MAX];
    struct { const char *target; uint32_t noexec, directory; } mounts[MOUNTS_MAX];
    struct sock_fprog filter;
};

// frame.c: the port
extern int port;
int frame_read(struct header *h, uint8_t *payload);                     // 0, or -1 when the host is not to be understood
void frame_send(enum frame type, const void *payload, size_t length);   // at most RELAY_MAX bytes

// config.c
int config_parse(uint8_t *bytes, size_t length, struct config *c, struct failure *f);

// boot.c
void boot(void);
int modules_for_root(const struct config *c, struct failure *f);

// root.c
#define NEW_ROOT "/jail"
int root_make(const struct config *c, struct failure *f);

// limit.c: the control group of the program
int group_make(const struct config *c, struct failure *f);
int group_join(struct failure *f);
int group_pids_events(void);            // a descriptor whose POLLPRI tells of a refused fork, or -1
void group_kill(void);
void group_usage(struct end *end);

// program.c
struct streams { int in, out, err, channel; };
_Noreturn void program_main(const struct config *c, const struct streams *inside, int report);

// relay.c
_Noreturn void relay(const struct config *c, pid_t program, const struct streams *outside);
_Noreturn void power_off(void);
