// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable
internal import Glibc
internal import Jail

/// What waiting jails cost: the kernel's own figures for the launcher's children (proc_pid_smaps_rollup(5)).
struct Parked {
    func measure(_ launcher: Launcher, _ report: inout Report) throws {
        // A moment without requests, after which all are parked.
        var waited = timespec(tv_sec: 0, tv_nsec: 300_000_000)
        // SAFETY: one valid timespec.
        _ = unsafe nanosleep(&waited, nil)
        let own = getpid()
        // The launcher is the only child that has children of its own.
        let parts = children(of: own).flatMap(children)
        let jails = parts.filter { isFirst($0) }
        guard !jails.isEmpty else { return }
        let privately = parts.map { privateKiB($0) }.reduce(0, +)
        report.add(
            Row(
                "memory per parked jail with its keeper, private KiB of \(jails.count)",
                ours: Samples([Double(privately) / Double(jails.count)]), peer: "none", version: "",
                theirs: Samples([]), target: .open))
    }

    private func text(_ path: String) -> String {
        String(decoding: (try? Files.read(path, limit: 1 << 16)) ?? [], as: UTF8.self)
    }

    private func children(of pid: Int32) -> [Int32] {
        text("/proc/\(pid)/task/\(pid)/children").split(separator: " ").compactMap { Int32($0) }
    }

    /// Whether it is the first process of a PID namespace.
    private func isFirst(_ pid: Int32) -> Bool {
        text("/proc/\(pid)/status").split(separator: "\n").contains {
            $0.hasPrefix("NSpid:") && $0.hasSuffix("\t1")
        }
    }

    private func privateKiB(_ pid: Int32) -> Int {
        text("/proc/\(pid)/smaps_rollup").split(separator: "\n").filter { $0.hasPrefix("Private_") }
            .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }.reduce(0, +)
    }
}
