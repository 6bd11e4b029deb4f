// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The machine, as far as a reader of the numbers needs it.
enum Host {
    static var description: String {
        let kernel = word(in: "/proc/sys/kernel/osrelease", after: "").split(separator: "-").first.map(String.init)
        let system = word(in: "/etc/os-release", after: "PRETTY_NAME=").filter { $0 != "\"" }
        let processor = word(in: "/proc/cpuinfo", after: "model name\t: ")
        let cores = "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores"
        let load = "load \(word(in: "/proc/loadavg", after: "").split(separator: " ").first ?? "?")"
        return [cores, processor, system, "Linux \(kernel ?? "?")", load].filter { !$0.isEmpty }
            .joined(separator: ", ")
    }

    /// The rest of the first line that begins with `prefix`.
    private static func word(in file: String, after prefix: String) -> String {
        guard let bytes = try? Files.read(file, limit: 1 << 20) else { return "" }
        let lines = bytes.split(separator: 0x0a).lazy.map { String(decoding: $0, as: UTF8.self) }
        return lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) } ?? ""
    }
}
