// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Synchronization
import Testing

@testable import Jail

/// What a jail is, seen from outside: each line is a protection that no single program could try.
let stateAttacks: [Attack] =
    [
        ("cgroup", "CGROUP"), ("ipc", "IPC"), ("net", "NETWORK"), ("pid", "PID"), ("time", "TIME"), ("user", "USER"),
        ("uts", "UTS"),
    ].map { kind, wall in
        Attack(name: "\(kind) namespace of the launcher", walls: [["\(wall)_NAMESPACE"]]) { scene in
            let inside = try scene.output(["namespaces"]).split(separator: "\n").first { $0.hasPrefix("\(kind):") }
            return try inside == Substring(link("/proc/\(scene.launcherPid)/ns/\(kind)"))
        }
    } + [
        Attack(name: "calls of PID 1", walls: [["FILTER_INIT"]]) { scene in
            let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]))
            let pid = try scene.pid(of: jail)
            let launchers = try scene.status(scene.launcherPid, "Seccomp_filters")
            // PID 1 says that the program runs and then takes its own filter: the first looks may be too early.
            for _ in 0..<2000 where try scene.status(pid, "Seccomp_filters") == launchers { sched_yield() }
            return try scene.status(pid, "Seccomp_filters") == launchers
        }
    ]

private func link(_ path: String) throws -> String {
    var target = [CChar](repeating: 0, count: 64)
    // SAFETY: the buffer is valid for the length that is given.
    let got = unsafe readlink(path, &target, target.count)
    guard got > 0 else { throw TestProblem("readlink \(path): \(errno)") }
    return String(decoding: target.prefix(got).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension Scene {
    var launcherPid: Int32 { launcher.state.withLock { $0.process.pid } }
}
