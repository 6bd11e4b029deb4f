// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Testing

@testable import Jail

/// Using more than was given: the same program ends well when the one limit is gone.
let limitAttacks: [Attack] = [
    over(["memory", "268435456"], "LIMIT_MEMORY") { $0.memoryBytes = 64 << 20 },
    over(["memory-by-thread", "268435456"], "LIMIT_MEMORY") { $0.memoryBytes = 64 << 20 },
    over(["forks", "40"], "LIMIT_PIDS") { $0.pids = 20 },
    over(["burn", "1500"], "LIMIT_CPU") { $0.cpuSeconds = 1 },
    over(["wait-for", "400"], "LIMIT_WALL") { $0.wallNs = 150_000_000 },
    over(["big-file", "65536"], "LIMIT_FILE") { $0.fileBytes = 8192 },
    over(["open-files", "10"], "LIMIT_OPEN_FILES") { $0.openFiles = 8 },
    over(["fill", "/tmp/full"], "LIMIT_TMP_BYTES") { _ in },
    over(["many-files", "1100"], "LIMIT_TMP_INODES") { _ in },
]

private func over(
    _ arguments: [String], _ wall: String, _ change: @escaping @Sendable (inout JailLimits) -> Void
) -> Attack {
    Attack(name: arguments.joined(separator: " "), walls: [[wall]]) { try $0.succeeds(arguments, change: change) }
}
