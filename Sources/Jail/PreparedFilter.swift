// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CSeccomp
internal import Glibc

/// Filters that were compiled when the installation was built: `filters/DIGEST.bpf` beside the running executable, where DIGEST
/// is the profile's. Compiling one takes longer than building a jail. They are trusted like the profiles and the launcher
/// they lie beside: they belong to root or to this user, and nobody else may write them.
///
/// The file begins with lines of text: `atomic-filter 1`, the version of libseccomp, the profile's name, `deny-write-execute 0`
/// or `1`, and an empty line; the rest is the BPF program.
public enum PreparedFilter {
    /// Compiles every profile of a directory into another one.
    /// - Returns: the names of the profiles.
    /// - Throws: ``JailError`` `profile` or `filter` for one that is not valid.
    public static func prepare(profiles: String, into directory: String) throws -> [String] {
        var names: [String] = []
        try Files.createDirectory(directory)
        for file in try Files.list(profiles).sorted() where file.hasSuffix(".json") {
            let profile = try SeccompProfile.find("\(profiles)/\(file)")
            try Files.writeDurably(try contents(of: profile), to: path(of: profile.digest, in: directory))
            names.append(profile.name)
        }
        return names
    }

    private static func contents(of profile: SeccompProfile) throws(JailError) -> [UInt8] {
        let header = [
            "atomic-filter 1", library, profile.name, "deny-write-execute \(profile.denyWriteExecute ? 1 : 0)", "", "",
        ]
        return Array(header.joined(separator: "\n").utf8) + (try profile.compile())
    }

    static func path(of digest: Digest, in directory: String) -> String { "\(directory)/\(digest.hex).bpf" }

    /// The profile with this digest, if its filter lies ready; nil sends the caller to the compiler.
    static func profile(_ digest: Digest, in directory: String? = nil) -> SeccompProfile? {
        let path = path(of: digest, in: directory ?? "\(Files.parent(of: Executable.path))/filters")
        guard Executable.isTrusted(path), let bytes = try? Files.read(path, limit: 1 << 20) else { return nil }
        var lines: [String] = []
        var rest = bytes[...]
        while lines.count < 5, let end = rest.firstIndex(of: 0x0a) {
            lines.append(String(decoding: rest[..<end], as: UTF8.self))
            rest = rest[(end + 1)...]
        }
        guard lines.count == 5, lines[0] == "atomic-filter 1", lines[1] == library, lines[4].isEmpty,
            let flag = ["deny-write-execute 0": false, "deny-write-execute 1": true][lines[3]],
            !rest.isEmpty, rest.count % 8 == 0
        else { return nil }
        return SeccompProfile(name: lines[2], digest: digest, denyWriteExecute: flag, prepared: Array(rest))
    }

    /// A filter of another library may differ; one of another architecture would be wrong.
    private static var library: String {
        // SAFETY: seccomp_version returns a constant structure.
        let version = unsafe seccomp_version()?.pointee
        #if arch(x86_64)
            let architecture = "x86_64"
        #else
            let architecture = "other"
        #endif
        return "libseccomp \(version?.major ?? 0).\(version?.minor ?? 0).\(version?.micro ?? 0) \(architecture)"
    }
}
