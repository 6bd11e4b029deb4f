// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Reads how much CPU a running jail has used so far, so that a call to a warm executor can be billed by itself.
///
/// The kernel's own counters, read from outside: the jail's cgroup where it has one (cgroups(7)), the times of its
/// processes otherwise (proc_pid_stat(5)).
enum JailMeter {
    /// Nanoseconds, or nil when the jail has ended.
    static func cpuNs(pidfd: Int32, enforcement: LimitsEnforcement) -> UInt64? {
        guard let pid = pid(of: pidfd) else { return nil }
        switch enforcement {
        case .cgroup1:
            guard let path = cgroupPath(pid, controller: "cpuacct") else { return nil }
            for mount in ["cpuacct", "cpu,cpuacct", "cpuacct,cpu"] {
                if let text = text("/sys/fs/cgroup/\(mount)\(path)/cpuacct.usage") { return UInt64(trimmed(text)) }
            }
            return nil
        case .cgroup2:
            guard let path = cgroupPath(pid, controller: ""), let text = text("/sys/fs/cgroup\(path)/cpu.stat") else {
                return nil
            }
            let line = text.split(separator: "\n").first { $0.hasPrefix("usage_usec ") }
            return line.flatMap { UInt64($0.dropFirst(11)) }.map { $0 * 1_000 }
        case .rlimit:
            return tree(pid)
        }
    }

    private static func pid(of pidfd: Int32) -> Int32? {
        let line = text("/proc/self/fdinfo/\(pidfd)")?.split(separator: "\n").first { $0.hasPrefix("Pid:") }
        guard let line, let pid = Int32(trimmed(String(line.dropFirst(4)))), pid > 0 else { return nil }
        return pid
    }

    /// The path of a process in a hierarchy; the empty controller is the unified one.
    private static func cgroupPath(_ pid: Int32, controller: String) -> String? {
        for line in text("/proc/\(pid)/cgroup")?.split(separator: "\n") ?? [] {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",")
            if controller.isEmpty ? parts[1].isEmpty : controllers.contains(Substring(controller)) {
                // A process that has ended but is not reaped yet is shown outside its jail's group, where the meter is
                // that of the whole machine.
                return parts[2].contains("/atomic-") ? String(parts[2]) : nil
            }
        }
        return nil
    }

    /// CPU time of a process, of its waited-for children and of its living descendants, in nanoseconds.
    private static func tree(_ pid: Int32) -> UInt64? {
        // The name in parentheses may hold spaces and parentheses; the numbers begin after the last one.
        guard let stat = text("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 14 else { return nil }
        let ticks = fields[11...14].reduce(UInt64(0)) { $0 + (UInt64($1) ?? 0) }
        let children = text("/proc/\(pid)/task/\(pid)/children")?.split(separator: " ").compactMap { Int32($0) } ?? []
        // A tick is 10 ms on every Linux (sysconf(_SC_CLK_TCK) is 100).
        return children.reduce(ticks * 10_000_000) { $0 + (tree($1) ?? 0) }
    }

    private static func text(_ path: String) -> String? {
        (try? Files.read(path, limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func trimmed(_ text: String) -> String { text.filter { !$0.isWhitespace } }
}

extension RunningJail {
    /// CPU time of everything in the jail so far, in nanoseconds; nil when it has ended.
    public func cpuNs() -> UInt64? {
        // The cgroup has served other jails before this one; what they used is not this one's.
        JailMeter.cpuNs(pidfd: pidfd, enforcement: enforcement).map { $0 - min($0, cpuBefore) }
    }
}
