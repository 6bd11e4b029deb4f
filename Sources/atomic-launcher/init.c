// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// PID 1 of a jail: reaps everything, tells the launcher how the program ended, and by its own end kills the rest.
#include "launcher.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn void init_main(int sync, pid_t program) {
    // Only the status socket stays: the channel and the mounts' descriptors are not PID 1's business.
    if (dup2(sync, 0) < 0 || syscall(SYS_close_range, 1, ~0u, 0)) _exit(126);
    // What the launcher works in is not for PID 1 to keep.
    if (wall(WALL_WORKSPACE) && munmap(work, sizeof *work)) _exit(126);
    struct failure f;
    if (wall(WALL_FILTER_INIT) && filter_install_init(&f)) _exit(126);
    struct program_status status = {0};
    for (;;) {
        int ended;
        pid_t pid = wait4(-1, &ended, 0, NULL);
        if (pid == program) {
            status.wait_status = ended;
            break;
        }
        if (pid < 0 && errno != EINTR) break;
    }
    // What is left dies and is reaped here, so that its use of the CPU is counted.
    // Without a PID namespace (a test's launcher) that would be everybody.
    if (wall(WALL_PID_NAMESPACE)) kill(-1, SIGKILL);
    while (wait4(-1, NULL, 0, NULL) > 0 || errno == EINTR) {}
    if (write(0, &status, sizeof status) != sizeof status) _exit(125);
    _exit(0);
}
