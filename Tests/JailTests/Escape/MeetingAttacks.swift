// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Two jails that want to tell each other something, or one that listens to what another does.
let meetingAttacks: [Attack] = [
    left("shm", ["FILTER"], ["IPC_NAMESPACE"]),
    left("sem", ["FILTER"], ["IPC_NAMESPACE"]),
    left("mq", ["FILTER"], ["IPC_NAMESPACE"], ["LIMIT_QUEUES"], ["LANDLOCK_FILES"]),
    Attack(name: "name of the host", walls: [["UTS_NAMESPACE"]]) { scene in
        let name = String(decoding: try Files.read("/proc/sys/kernel/hostname").dropLast(), as: UTF8.self)
        return try scene.succeeds(["host-name", name])
    },
    // A directory of the image is the same inode in every jail, and in the host.
    Attack(name: "hear what another jail reads", walls: [["FILTER"]]) { scene in
        let directory = try scene.openDirectory()
        let file = try Files.open("\(directory)/file", O_WRONLY | O_CREAT, mode: 0o644)
        try Files.write([1], to: file.raw, named: "file")
        let mounts = [JailMount(.host(directory), at: "/common")]
        guard let listener = try scene.staying(["watch-directory", "/common"], mounts: mounts) else { return false }
        guard try scene.succeeds(["read-byte", "/common/file"], mounts: mounts) else { throw TestProblem("read-byte") }
        var one = pollfd(fd: listener.pidfd, events: Int16(POLLIN), revents: 0)
        // SAFETY: one valid pollfd.
        return unsafe poll(&one, 1, 1000) == 1
    },
]

/// What one jail makes and another finds, by a name that is the kernel's.
private func left(_ kind: String, _ walls: [String]...) -> Attack {
    Attack(name: "\(kind) of another jail", walls: walls) { scene in
        let key = "\(RandomBytes.make(3).reduce(1) { $0 << 8 | Int($1) })"
        // Where there is no wall left it is the host's, and must not stay.
        defer { _ = try? scene.fixture.outside(["\(kind)-find", key]) }
        _ = try scene.succeeds(["\(kind)-leave", key])
        return try scene.succeeds(["\(kind)-find", key])
    }
}
