// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc

/// A system call filter as data: an allowlist with a reason per line. What no rule names kills the process.
///
/// The format is described in `docs/jail.md`; the files are in `Policies/seccomp/`.
public struct SeccompProfile: Hashable, Sendable {
    /// The profile's own name, for example `strict`.
    public let name: String
    /// SHA-256 of the file's bytes.
    public let digest: Digest
    /// Whether memory that was ever writable may never become executable (PR_SET_MDWE, Linux 6.3).
    public let denyWriteExecute: Bool
    let rules: [SeccompRule]

    /// Reads a profile strictly: an unknown field, a rule without a reason or an unknown call is an error.
    /// - Throws: ``JailError`` `profile`.
    public init(json bytes: [UInt8]) throws(JailError) {
        let file: ProfileFile
        do {
            file = try CanonicalJSON.decodeRelaxed(ProfileFile.self, from: bytes)
        } catch {
            throw .badProfile("it is not a seccomp profile: \(error.message)", cause: error)
        }
        guard file.v == 1 else { throw .badProfile("it has version \(file.v), known is 1") }
        guard file.default == "kill" else {
            throw .badProfile("its default is “\(file.default)”; a profile is an allowlist, so the default is “kill”")
        }
        name = file.name
        digest = Digest.sha256(bytes)
        denyWriteExecute = file.denyWriteExecute
        var rules: [SeccompRule] = []
        for line in file.rules { rules.append(contentsOf: try SeccompRule.read(line)) }
        self.rules = rules
    }

    /// A profile of the installation: `NAME.json` in `Policies/seccomp` of the directories above the running executable,
    /// or in `/usr/share/atomic/seccomp`; a name with a slash is a path.
    /// The file must belong to root or to this user, and nobody else may write it.
    /// - Throws: ``JailError`` `profile`.
    public static func find(_ name: String, directory: String? = nil) throws(JailError) -> SeccompProfile {
        let places: [String]
        if name.contains("/") {
            places = [name]
        } else if let directory {
            places = ["\(directory)/\(name).json"]
        } else {
            var above = Files.parent(of: Executable.path)
            var found: [String] = []
            while above != "/" && above != "." {
                found.append("\(above)/Policies/seccomp/\(name).json")
                above = Files.parent(of: above)
            }
            places = found + ["/usr/share/atomic/seccomp/\(name).json"]
        }
        guard let path = places.first(where: { Files.exists($0) }) else {
            throw .badProfile("there is no seccomp profile “\(name)” (looked for \(places.joined(separator: ", ")))")
        }
        guard Executable.isTrusted(path) else {
            throw .badProfile("\(path) can be written by somebody else than root or this user")
        }
        do {
            let profile = try SeccompProfile(json: Files.read(path, limit: 1 << 20))
            // The name goes into measurements, so it is that of the file.
            guard profile.name == name || name.contains("/") else {
                throw JailError.badProfile("it calls itself “\(profile.name)”")
            }
            return profile
        } catch let error as JailError {
            throw .badProfile("\(path): \(error.message)", cause: error)
        } catch {
            throw .badProfile("\(path) cannot be read: \(error)", cause: error)
        }
    }
}

/// The JSON of a profile.
struct ProfileFile: Codable {
    struct Rule: Codable {
        /// Names of system calls.
        var calls: [String]
        /// `allow`, or the name of an errno that the call returns.
        var action: String
        /// All must hold.
        var when: [Condition]?
        var reason: String
    }

    struct Condition: Codable {
        /// Index of the argument, 0 to 5.
        var argument: Int
        /// The comparison looks at these bits only, so that 32-bit arguments cannot hide behind high bits.
        var mask: String
        /// Any of these, hexadecimal with `0x`.
        var values: [String]
    }

    var v: Int
    var name: String
    var about: String
    var `default`: String
    var denyWriteExecute: Bool
    var rules: [Rule]
}

extension JailError {
    static func badProfile(_ message: String, cause: (any Error)? = nil) -> JailError {
        JailError(
            .profile, message, remedy: "correct the profile; docs/jail.md has the format", exit: .usage, cause: cause)
    }
}
