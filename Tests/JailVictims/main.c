// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

#include "victim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    const struct probe *const tables[] = {socket_probes, kernel_probes, namespace_probes, process_probes, file_probes,
        state_probes, bomb_probes, reach_probes, privilege_probes, together_probes};
    if (argc < 2) return 99;
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct probe *p = tables[i]; p->name; p++)
            if (!strcmp(p->name, argv[1])) {
                if (p->run(argc > 2 ? argv[2] : "") == 0) return 0;
                printf("%d\n", errno);
                return 1;
            }
    return 99;
}
