// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Interfaces of the kernel that a model has no use for.
let kernelAttacks: [Attack] =
    [
        .victim("io-uring", walls: [["FILTER"], ["CEILING"], ["LIMIT_LOCKED_MEMORY"]]),
        .victim("userfaultfd", walls: [["FILTER"], ["CEILING"]]),
        .victim("perf", walls: [["FILTER"], ["CEILING"]]),
        .victim("fanotify", walls: [["FILTER"], ["CEILING"]]),
        .victim("keyctl", walls: [["FILTER"], ["CEILING"]]),
        .victim("kcmp", walls: [["FILTER"], ["CEILING"]]),
        .victim("process-vm", walls: [["FILTER"], ["CEILING"]]),
        .victim("ptrace", walls: [["FILTER"], ["CEILING"]]),
        .victim("bpf", walls: [["FILTER"], ["CEILING"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("set-clock", walls: [["FILTER"], ["CEILING"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("open-by-handle", walls: [["FILTER"], ["CEILING"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("mount", walls: [["FILTER"], Attack.powers, ["LANDLOCK_FILES"]], ordinary: .refusedByTheKernel),
        .victim(
            "mount-cgroup", walls: [["FILTER"], Attack.powers, ["LANDLOCK_FILES"], ["CGROUP_NAMESPACE"]],
            ordinary: .refusedByTheKernel),
        .victim("umount", walls: [["FILTER"], Attack.powers, ["LANDLOCK_FILES"]], ordinary: .refusedByTheKernel),
        .victim("move-mount", walls: [["FILTER"], Attack.powers, ["LANDLOCK_FILES"]], ordinary: .refusedByTheKernel),
        .victim("fsopen", walls: [["FILTER"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("open-tree", walls: [["FILTER"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("setns", walls: [["FILTER"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("chroot", walls: [["FILTER"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("make-node", walls: [["FILTER"], Attack.powers, ["LANDLOCK_FILES"]], ordinary: .refusedByTheKernel),
        .victim("drop-groups", walls: [["FILTER"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("unshare-mount", walls: [["FILTER"], Attack.powers], ordinary: .refusedByTheKernel),
        .victim("unshare-user", walls: [["FILTER"]]),
        .victim("clone-user", walls: [["FILTER"]]),
        .victim("clone3", walls: [["FILTER"]]),
        .victim("adjtimex", walls: [["FILTER"], ["CEILING"]]),
        .victim("personality", walls: [["FILTER"]]),
        .victim("tiocsti", walls: [["FILTER"]]),
        .victim("tiocsti-high-bits", walls: [["FILTER"]]),
        .victim("widen", walls: [["FILTER"]]),
        .victim("exec-again", "unshare-user", walls: [["FILTER"]]),
        .victim("exec-memory", "unshare-user", walls: [["FILTER"]]),
    ] + foreignEntries

#if arch(x86_64)
    private let foreignEntries: [Attack] = [
        .victim("i386", walls: [["FILTER"]]), .victim("x32", walls: [["FILTER"]]),
    ]
#else
    private let foreignEntries: [Attack] = []
#endif
