// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CSeccomp
internal import Glibc

/// What this machine offers to jails.
public struct DoctorReport: Codable, Hashable, Sendable {
    public struct Check: Codable, Hashable, Sendable {
        public let name: String
        public let ok: Bool
        /// Whether jails are impossible without it.
        public let required: Bool
        /// What was found, one line.
        public let found: String
        /// What to do when it is missing; empty when it is there.
        public let remedy: String
    }

    /// Whether everything required is there.
    public let ready: Bool
    public let checks: [Check]
}

/// Examines the machine by doing: the launcher is started, and a program is run in a jail.
public enum Doctor {
    /// - Parameters:
    ///   - launcher: as in ``Launcher/start(executable:binds:)``.
    ///   - profiles: as in ``SeccompProfile/find(_:directory:)``.
    public static func examine(launcher: String? = nil, profiles: String? = nil) -> DoctorReport {
        var checks = [kernel(), namespaces(), seccomp()]
        let profile = Result { () throws(JailError) in try SeccompProfile.find("strict", directory: profiles) }
        switch profile {
        case .success(let found): checks.append(.there("profile", "\(found.name) \(found.digest)"))
        case .failure(let error): checks.append(.missing("profile", error))
        }
        do throws(JailError) {
            let running = try Launcher.start(executable: launcher, binds: .caller)
            checks.append(.there("launcher", "\(running.digest)"))
            checks += facilities(running.machine)
            if case .success(let profile) = profile {
                checks.append(jail(running, profile))
                checks += microVM(running, profile)
            }
        } catch {
            checks.append(.missing("launcher", error))
        }
        return DoctorReport(ready: checks.allSatisfy { $0.ok || !$0.required }, checks: checks)
    }

    private static func kernel() -> DoctorReport.Check {
        let bytes = (try? Files.read("/proc/sys/kernel/osrelease", limit: 256)) ?? []
        let release = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let enough = numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 13)
        return .init(
            name: "kernel", ok: enough, required: true, found: "Linux \(release)",
            remedy: enough ? "" : "use Linux 5.13 or newer (Debian 12 has 6.1)")
    }

    private static func namespaces() -> DoctorReport.Check {
        let all = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"]
        let missing = all.filter { !Files.exists("/proc/self/ns/\($0)") }
        return .init(
            name: "namespaces", ok: missing.isEmpty, required: true,
            found: missing.isEmpty ? all.joined(separator: " ") : "without \(missing.joined(separator: " "))",
            remedy: missing.isEmpty ? "" : "use a kernel that is built with these namespaces")
    }

    private static func seccomp() -> DoctorReport.Check {
        let level = seccomp_api_get()
        return .init(
            name: "seccomp", ok: level >= 3, required: true, found: "libseccomp API level \(level)",
            remedy: level >= 3 ? "" : "use a kernel with seccomp filters that can kill a process (Linux 4.14)")
    }

    private static func facilities(_ machine: Launcher.Machine) -> [DoctorReport.Check] {
        let limited = machine.limits != .rlimit
        return [
            .init(
                name: "limits", ok: limited, required: false, found: machine.limits.rawValue,
                remedy: limited
                    ? "" : "run as root, or in a delegated cgroup (systemd-run --user --scope -p Delegate=yes)"),
            .init(
                name: "landlock", ok: machine.landlock > 0, required: false, found: "ABI \(machine.landlock)",
                remedy: machine.landlock > 0 ? "" : "enable the landlock LSM (boot with lsm=landlock,…)"),
            .init(
                name: "uid", ok: machine.ownUid, required: false,
                found: machine.ownUid ? "each jail has a host uid of its own" : "jails have the caller's uid",
                remedy: machine.ownUid ? "" : "run as root for a uid per jail"),
        ]
    }

    private static func jail(_ launcher: Launcher, _ profile: SeccompProfile) -> DoctorReport.Check {
        let spec = JailSpec(profile: profile, argv: ["/usr/bin/true"], root: .system, output: .discard)
        do throws(JailError) {
            let report = try launcher.launch(spec).wait()
            let good = report.cause == .exited && report.exit == 0
            return .init(
                name: "jail", ok: good, required: true,
                found: good
                    ? "/usr/bin/true ran in \(report.accounting.wallNs / 1000) microseconds"
                    : "/usr/bin/true ended by \(report.cause.rawValue)",
                remedy: good ? "" : "report this with the output of `atomic doctor --json`")
        } catch {
            return .missing("jail", error)
        }
    }
}

extension DoctorReport.Check {
    static func there(_ name: String, _ found: String) -> Self {
        .init(name: name, ok: true, required: true, found: found, remedy: "")
    }

    static func missing(_ name: String, _ error: JailError) -> Self {
        .init(name: name, ok: false, required: true, found: error.message, remedy: error.remedy)
    }
}
