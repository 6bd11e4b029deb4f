// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Processes of the host, of other jails, and the jail's own first one.
let processAttacks: [Attack] = [
    Attack(name: "signal to the host", walls: [["PID_NAMESPACE"], ["LANDLOCK_SCOPE"], ["OWN_UID"]]) { scene in
        try scene.succeeds(["signal", "\(getpid())"])
    },
    sibling("signal", ["PID_NAMESPACE"], ["LANDLOCK_SCOPE"], ["OWN_UID"]),
    sibling("vm-read", ["FILTER"], ["CEILING"], ["PID_NAMESPACE"], Attack.landlock, ["OWN_UID"], ["USER_NAMESPACE"]),
    sibling("attach", ["FILTER"], ["CEILING"], ["PID_NAMESPACE"], Attack.landlock, ["OWN_UID"], ["USER_NAMESPACE"]),
    sibling("memory-of", ["PID_NAMESPACE"], Attack.landlock, ["OWN_UID"], ["USER_NAMESPACE"]),
    sibling("root-of", ["PID_NAMESPACE"], Attack.landlock, ["OWN_UID"], ["USER_NAMESPACE"]),
    sibling("limits-of", ["FILTER"], ["PID_NAMESPACE"], ["OWN_UID"]),
    // hidepid hides what may not be traced, so it is no wall of its own here; it is one for `look /proc/1`.
    .victim("memory-of", "1", walls: [["DUMPABLE"], Attack.landlock]),
    .victim("program-of", "1", walls: [["DUMPABLE"], Attack.landlock]),
    .victim("score-of", "1", walls: [["PROC_HIDEPID"], ["DUMPABLE"], ["LANDLOCK_FILES"]]),
    .victim("attach", "1", walls: [["FILTER"], ["CEILING"], ["DUMPABLE"], Attack.landlock]),
    .victim("vm-read", "1", walls: [["FILTER"], ["CEILING"], ["DUMPABLE"], Attack.landlock]),
    .victim("session", walls: [["SESSION"]]),
    // An ordinary user has no cgroup of its own here, so there is no path to see.
    .victim("cgroup-path", walls: [["CGROUP_NAMESPACE"]], ordinary: .refusedByTheKernel),
    .victim("ignored-signal", walls: [["DEFAULT_SIGNALS"]]),
    Attack(
        name: "descriptor that the supervisor forgot to close",
        walls: [
            ["DESCRIPTORS_LAUNCHER"], ["DESCRIPTORS_KEEPER"], ["DESCRIPTORS_PARKED"], ["DESCRIPTORS_PROGRAM"],
        ]
    ) { try leak($0, to: "") },
    Attack(
        name: "from a forgotten descriptor to a file of the host",
        walls: [
            ["DESCRIPTORS_LAUNCHER"], ["DESCRIPTORS_KEEPER"], ["DESCRIPTORS_PARKED"], ["DESCRIPTORS_PROGRAM"],
            ["LANDLOCK_FILES"],
        ]
    ) { try leak($0, to: "passwd") },
]

/// An attack on the program of another jail of the same launcher.
private func sibling(_ probe: String, _ walls: [String]...) -> Attack {
    Attack(name: "\(probe) another jail", walls: walls) { scene in
        let other = try scene.launcher.launch(scene.fixture.spec(["hang"]))
        let target = try scene.program(of: other)
        defer {
            other.kill()
            // Without a PID namespace of its own the program does not die with its jail.
            if kill(target, SIGKILL) == 0 {}
        }
        return try scene.succeeds([probe, "\(target)"])
    }
}

/// The supervisor has `/etc` open and not close-on-exec when the launcher starts. The scene's own launcher was started before.
private func leak(_ scene: Scene, to file: String) throws -> Bool {
    let etc = try Files.open("/etc", O_RDONLY | O_DIRECTORY)
    let forgotten = fcntl(etc.raw, F_DUPFD, 90)
    defer { close(forgotten) }
    return try Scene(executable: scene.executable, fixture: scene.fixture).succeeds(["leaked", file])
}
