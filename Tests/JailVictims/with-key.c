// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Puts a key into the session keyring, as an operator's login would, and then becomes the launcher.
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
    (void)argc;
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0) return 1;
    if (syscall(SYS_add_key, "user", "atomic-test", "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0) return 1;
    execv(LAUNCHER, argv);
    return 1;
}
