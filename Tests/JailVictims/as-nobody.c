// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Becomes an ordinary user and then the launcher: what an unprivileged caller of the jail would start.
#include <grp.h>
#include <unistd.h>

int main(int argc, char **argv) {
    (void)argc;
    if (setgroups(0, 0) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)) return 1;
    execv(LAUNCHER, argv);
    return 1;
}
