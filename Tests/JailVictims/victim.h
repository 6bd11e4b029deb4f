// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// A program that tries one forbidden thing: `victim NAME [ARGUMENT]`.
// Exit 0: it worked. Exit 1: it was refused, and standard output has the errno. Death by SIGSYS: the filter said no.
#pragma once

struct probe {
    const char *name;
    int (*run)(const char *argument);   // 0, or -1 with errno
};

extern const struct probe socket_probes[], kernel_probes[], namespace_probes[], process_probes[], file_probes[],
    state_probes[], bomb_probes[], reach_probes[], privilege_probes[], together_probes[];
