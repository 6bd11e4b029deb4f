// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import BenchmarkTable

/// Other sandboxes, as near to ours as their options come.
struct Peers {
    struct Other {
        let name: String
        let version: String
        let program: Program
    }

    let bubblewrapVersion: String
    private let path: String
    /// Those that are installed and ran once; `scripts/bench` has tried.
    let others: [Other]

    init(_ arguments: Arguments) throws {
        path = try arguments.value("bwrap")
        bubblewrapVersion = try arguments.value("bwrap-version")
        var found: [Other] = []
        if let firejail = arguments.option("firejail") {
            found.append(
                Other(
                    name: "firejail", version: try arguments.value("firejail-version"),
                    program: Program([
                        firejail, "--quiet", "--noprofile", "--net=none", "--caps.drop=all", "--seccomp",
                        "--nonewprivs", "--private-tmp", "/usr/bin/true",
                    ])))
        }
        for name in ["runc", "crun", "nsjail"] {
            // A script that starts it on a bundle, since a container's name may be used once at a time only.
            guard let script = arguments.option(name) else { continue }
            found.append(
                Other(name: name, version: try arguments.value("\(name)-version"), program: Program([script])))
        }
        others = found
    }

    /// What `atomic jail` gives by default: all namespaces, a read-only /usr with the links into it, own /proc and /dev, /tmp
    /// in memory, no capabilities, empty environment, a session of its own. It leaves out what ours has beside: syscall filter,
    /// Landlock, cgroup limits, accounting, measurement.
    func bubblewrap(_ extra: [String] = [], _ command: String) -> Program {
        Program(
            [
                path, "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--die-with-parent",
                "--new-session", "--clearenv", "--cap-drop", "ALL", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin",
                "/bin", "--symlink", "usr/sbin", "/sbin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64",
                "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            ] + extra + ["--", command])
    }
}
