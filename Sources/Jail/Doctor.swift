// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CSeccomp
internal import Glibc

/// What this machine offers to jails, and what a jail that was built here really had.
public struct DoctorReport: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable {
        /// A jail was built, and looking from inside the protection was in force.
        case enforced
        /// It is there; nothing was looked at from inside, because it has nothing to show there or no jail was built.
        case available
        case missing
    }

    public struct Check: Codable, Hashable, Sendable {
        public let name: String
        public let state: State
        public let ok: Bool
        /// Whether jails are impossible without it.
        public let required: Bool
        /// What was found, one line.
        public let found: String
        /// What to do when it is missing; empty when it is there.
        public let remedy: String

        init(_ name: String, _ state: State, required: Bool, found: String, remedy: String = "") {
            self.name = name
            self.state = state
            ok = state != .missing
            self.required = required
            self.found = found
            self.remedy = ok ? "" : remedy
        }
    }

    /// Whether everything required is there.
    public let ready: Bool
    public let checks: [Check]
}

/// Examines the machine by doing: the launcher is started, programs are run in a jail, and what they say of themselves is read.
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
                checks += DoctorProbe(running, profile).checks
            }
        } catch {
            checks.append(.missing("launcher", error))
        }
        checks.append(microVM())
        return DoctorReport(ready: checks.allSatisfy { $0.ok || !$0.required }, checks: checks)
    }

    private static func kernel() -> DoctorReport.Check {
        let bytes = (try? Files.read("/proc/sys/kernel/osrelease", limit: 256)) ?? []
        let release = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let enough = numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 13)
        return .init(
            "kernel", enough ? .available : .missing, required: true, found: "Linux \(release)",
            remedy: "use Linux 5.13 or newer (Debian 12 has 6.1)")
    }

    private static func namespaces() -> DoctorReport.Check {
        let all = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"]
        let missing = all.filter { !Files.exists("/proc/self/ns/\($0)") }
        return .init(
            "namespaces", missing.isEmpty ? .available : .missing, required: true,
            found: missing.isEmpty ? all.joined(separator: " ") : "without \(missing.joined(separator: " "))",
            remedy: "use a kernel that is built with these namespaces")
    }

    private static func seccomp() -> DoctorReport.Check {
        let level = seccomp_api_get()
        return .init(
            "seccomp", level >= 3 ? .available : .missing, required: true, found: "libseccomp API level \(level)",
            remedy: "use a kernel with seccomp filters that can kill a process (Linux 4.14)")
    }

    private static func facilities(_ machine: Launcher.Machine) -> [DoctorReport.Check] {
        let limited = machine.limits != .rlimit
        let delegation = "run as root, or in a delegated cgroup (systemd-run --user --scope -p Delegate=yes)"
        let landlock = "enable the landlock LSM (boot with lsm=landlock,…)"
        func wall(_ name: String, _ needed: Int, _ what: String) -> DoctorReport.Check {
            .init(
                name, machine.landlock >= needed ? .available : .missing, required: false,
                found: machine.landlock >= needed ? what : "Landlock ABI \(machine.landlock); \(what) needs \(needed)",
                remedy: machine.landlock == 0 ? landlock : "use a newer kernel; the first wall stands without it")
        }
        return [
            .init(
                "limits", limited ? .available : .missing, required: false, found: machine.limits.rawValue,
                remedy: delegation),
            .init(
                "landlock", machine.landlock > 0 ? .available : .missing, required: false,
                found: "ABI \(machine.landlock)", remedy: landlock),
            wall("landlock-net", 4, "no TCP"),
            wall("landlock-scope", 6, "no abstract sockets and no signals to the outside"),
            .init(
                "uid", machine.ownUid ? .available : .missing, required: false,
                found: machine.ownUid ? "each jail has a host uid of its own" : "jails have the caller's uid",
                remedy: "run as root for a uid per jail"),
        ]
    }

    private static func jail(_ launcher: Launcher, _ profile: SeccompProfile) -> DoctorReport.Check {
        let spec = JailSpec(profile: profile, argv: ["/usr/bin/true"], root: .system, output: .discard)
        do throws(JailError) {
            let report = try launcher.run(spec).report
            let good = report.cause == .exited && report.exit == 0
            return .init(
                "jail", good ? .enforced : .missing, required: true,
                found: good
                    ? "/usr/bin/true ran in \(report.accounting.wallNs / 1000) microseconds"
                    : "/usr/bin/true ended by \(report.cause.rawValue)",
                remedy: "report this with the output of `atomic doctor --json`")
        } catch {
            return .missing("jail", error)
        }
    }

    private static func microVM() -> DoctorReport.Check {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let there = unsafe access("/dev/kvm", R_OK | W_OK) == 0
        return .init(
            "microvm", there ? .available : .missing, required: false,
            found: there ? "/dev/kvm" : "no usable /dev/kvm",
            remedy: "only policies that ask for the tier microvm need it")
    }
}

extension DoctorReport.Check {
    static func there(_ name: String, _ found: String) -> Self {
        .init(name, .available, required: true, found: found)
    }

    static func missing(_ name: String, _ error: JailError) -> Self {
        .init(name, .missing, required: true, found: error.message, remedy: error.remedy)
    }
}
