// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// Looks at a jail from inside: what the kernel says there of the process, its limits, its mounts and its namespaces.
struct DoctorProbe {
    private let launcher: Launcher
    /// /proc/self/status, limits, mountinfo; then the names of the namespaces, as text.
    private let inside: String?
    private let namespaces: String?
    private let root: String?

    init(_ launcher: Launcher, _ profile: SeccompProfile) {
        func run(_ argv: [String]) -> String? {
            let spec = JailSpec(profile: profile, argv: argv, root: .system)
            guard let end = try? launcher.run(spec), end.report.exit == 0 else { return nil }
            return String(decoding: end.output, as: UTF8.self)
        }
        self.launcher = launcher
        inside = run(["/usr/bin/cat", "/proc/self/status", "/proc/self/limits", "/proc/self/mountinfo"])
        namespaces = run(["/usr/bin/readlink"] + Self.spaces.map { "/proc/self/ns/\($0)" })
        root = run(["/usr/bin/ls", "/", "/dev", "/proc"])
    }

    private static let spaces = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"]

    var checks: [DoctorReport.Check] {
        [
            own("own-namespaces", separated, "each is the jail's own: \(Self.spaces.joined(separator: " "))"),
            own(
                "identity", has("Uid:\t1000\t1000\t1000\t1000\n") && has("Groups:\t\(groups)\n"),
                "uid 1000 inside\(groupsNote)"),
            own("capabilities", capabilities, "all five sets empty"),
            own("no-new-privileges", has("NoNewPrivs:\t1\n"), "set"),
            own("filter", has("Seccomp:\t2\n"), "a system call filter is in force"),
            own("root", readOnly, "every mount but /tmp and /proc is read-only, nosuid and nodev"),
            own(
                "files", rootHasOnly,
                "no /etc, /home, /root, /sys, /var; /dev has null, zero, urandom; /proc has processes only"),
            own("core-dumps", has(coreLimit: 1), "RLIMIT_CORE 1"),
            own("locked-memory", has(limit: "Max locked memory", 0), "RLIMIT_MEMLOCK 0"),
            speculation, writeExecute, swap, networks,
        ]
    }

    private func own(_ name: String, _ good: Bool, _ what: String) -> DoctorReport.Check {
        guard inside != nil else {
            return .init(
                name, .missing, required: false, found: "no jail could be looked at", remedy: "see the line “jail”")
        }
        return .init(
            name, good ? .enforced : .missing, required: true, found: good ? what : "not so inside: \(what)",
            remedy: "do not run models here; report this with the output of `atomic doctor --json`")
    }

    private func has(_ text: String) -> Bool { inside?.contains(text) ?? false }

    /// Groups that an ordinary user's jail cannot drop show as the overflow group; root's jails have none.
    private var groups: String {
        let line = inside?.split(separator: "\n").first { $0.hasPrefix("Groups:\t") } ?? ""
        return launcher.machine.ownUid ? " " : String(line.dropFirst(8))
    }
    private var groupsNote: String {
        launcher.machine.ownUid ? ", no groups" : "; supplementary groups stay (not root)"
    }

    private var capabilities: Bool {
        ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].allSatisfy { has("\($0):\t0000000000000000\n") }
    }

    private var separated: Bool {
        let theirs = namespaces?.split(separator: "\n").map(String.init) ?? []
        let ours = Self.spaces.map { Self.link("/proc/self/ns/\($0)") }
        return theirs.count == ours.count && zip(theirs, ours).allSatisfy { $0 != $1 }
    }

    private static func link(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // SAFETY: readlink writes at most the length it is given.
        let length = unsafe readlink(path, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Lines of mountinfo: id, parent, device, root, point, options, …, `-`, type (proc_pid_mountinfo(5)).
    private var readOnly: Bool {
        let lines = (inside ?? "").split(separator: "\n").map { $0.split(separator: " ") }
        let mounts = lines.filter { $0.contains("-") && $0.count > 8 && $0[2].contains(":") }
        let devices: Set<Substring> = ["/dev/null", "/dev/zero", "/dev/urandom"]
        return !mounts.isEmpty
            && mounts.allSatisfy { mount in
                let options = mount[5].split(separator: ",")
                let writable = mount[4] == "/tmp" || mount[4] == "/proc"
                return options.contains("nosuid") && (options.contains("nodev") || devices.contains(mount[4]))
                    && (options.contains("ro") || writable)
            }
    }

    private var rootHasOnly: Bool {
        let names = Set((root ?? "").split(separator: "\n").map(String.init))
        let foreign: Set = [
            "etc", "home", "root", "sys", "var", "mem", "kmem", "sda", "kvm", "kcore", "net", "sysrq-trigger",
        ]
        return names.isSuperset(of: ["usr", "null", "zero", "urandom", "self"]) && names.isDisjoint(with: foreign)
    }

    private func has(limit name: String, _ value: Int) -> Bool {
        let line = inside?.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(separator: " ").first.flatMap { Int($0) } == value
    }
    private func has(coreLimit most: Int) -> Bool {
        has(limit: "Max core file size", most) || has(limit: "Max core file size", 0)
    }

    private var speculation: DoctorReport.Check {
        let line = inside?.split(separator: "\n").first { $0.hasPrefix("Speculation_Store_Bypass:") } ?? ""
        let found = line.dropFirst(25).drop { $0 == " " || $0 == "\t" }
        let good = found.contains("mitigated") || found.contains("not vulnerable")
        return .init(
            "speculation", good ? .enforced : .missing, required: false,
            found: "store bypass \(found.isEmpty ? "unknown" : String(found))",
            remedy:
                "this processor or hypervisor has no control for it; a class that needs it wants a machine of its own")
    }

    private var writeExecute: DoctorReport.Check {
        let known = linux_get_mdwe() >= 0
        return .init(
            "write-execute", known ? .available : .missing, required: false,
            found: known ? "memory that was written can be kept from becoming code" : "this kernel has no PR_SET_MDWE",
            remedy: "use Linux 6.3 or newer; without it profiles with denyWriteExecute rely on the filter")
    }

    private var swap: DoctorReport.Check {
        let swaps = (try? Files.read("/proc/swaps", limit: 1 << 16)) ?? []
        let none = swaps.split(separator: 0x0a).count <= 1
        let counted = launcher.machine.limits != .rlimit
        return .init(
            "swap", none || counted ? .available : .missing, required: false,
            found: none ? "this machine has no swap" : "swap is limited with memory",
            remedy: "switch swap off, or give the launcher a cgroup")
    }

    private var networks: DoctorReport.Check {
        let most = (try? Files.read("/proc/sys/user/max_net_namespaces", limit: 64)) ?? []
        let text = String(decoding: most, as: UTF8.self).filter(\.isNumber)
        let enough = (Int(text) ?? 0) >= 64
        return .init(
            "network-namespaces", enough ? .available : .missing, required: true, found: "at most \(text)",
            remedy: "raise the sysctl user.max_net_namespaces to 1024 or more")
    }
}
