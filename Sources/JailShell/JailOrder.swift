// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
package import Jail

/// What `atomic jail` was asked for, whoever read the arguments.
package struct JailOrder {
    package var profile = "strict"
    package var roBinds: [JailBind] = []
    package var binds: [JailBind] = []
    package var memory = ByteSize(2 << 30)
    package var pids: UInt64 = 256
    package var cpu: UInt64?
    package var cpuSeconds: UInt64 = 3600
    /// Seconds.
    package var wall = 3600.0
    package var outputLimit = ByteSize(1 << 30)
    package var fileLimit = ByteSize(1 << 30)
    package var tmpfsSize = ByteSize(64 << 20)
    /// `NAME=VALUE`.
    package var environment: [String] = []
    package var directory = "/"
    /// A file for the report.
    package var report: String?
    package var command: [String] = []

    package init() {}

    /// What is wrong with it, if anything.
    package var problem: String? {
        if command.isEmpty { return "no command is given; it comes after --" }
        if pids == 0 || cpu == 0 || cpuSeconds == 0 || !(wall > 0 && wall < 1e9) {
            return "a limit of zero would run nothing"
        }
        return environment.first { !$0.dropFirst().contains("=") }.map { "--env \($0) is not NAME=VALUE" }
    }

    package func specification() throws(JailError) -> JailSpec {
        var limits = JailLimits()
        limits.memoryBytes = memory.bytes
        limits.pids = pids
        limits.cpuPercent = cpu
        limits.cpuSeconds = cpuSeconds
        limits.wallNs = UInt64(wall * 1e9)
        limits.outputBytes = outputLimit.bytes
        limits.fileBytes = fileLimit.bytes
        limits.tmpfsBytes = tmpfsSize.bytes
        limits.tmpfsInodes = 16_384
        limits.openFiles = 1024
        var variables: [String: String] = [:]
        for setting in environment {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(parts[0])] = String(parts[1])
        }
        var mounts: [JailMount] = []
        for bind in roBinds { mounts.append(try bind.mount(readOnly: true)) }
        for bind in binds { mounts.append(try bind.mount(readOnly: false)) }
        return JailSpec(
            profile: try SeccompProfile.find(profile), argv: command, environment: variables, root: .system,
            mounts: mounts, limits: limits, workingDirectory: directory, output: .relay(output: 1, error: 2))
    }

    /// Writes the report, says on standard error how it ended, and returns the exit code of `atomic jail`.
    package func finish(_ end: JailReport) throws -> Int32 {
        if let report { try Files.writeDurably(CanonicalJSON.encode(end) + [0x0a], to: report) }
        let ending = JailEnding(end, limits: end.measurement.of.limits)
        for line in [ending.explanation].compactMap({ $0 }) + ending.notes {
            StandardError.note("atomic jail: \(line)")
        }
        return end.exit ?? 128 + (end.signal ?? 0)
    }
}
