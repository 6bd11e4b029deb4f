// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Everything that a jail is, known before it starts. Its digest goes into the log before the jail does anything.
public struct JailMeasurement: Codable, Hashable, Sendable {
    public struct Profile: Codable, Hashable, Sendable {
        public let name: String
        /// Of the profile file's bytes.
        public let digest: Digest
    }

    public struct Mount: Codable, Hashable, Sendable {
        /// A host path, or `sha256:…/path` for a path inside a staged image.
        public let source: String
        public let target: String
        public let readOnly: Bool
        public let noexec: Bool
    }

    /// The virtual machine around the program, in the tier `microvm`.
    public struct Machine: Codable, Hashable, Sendable {
        /// What executes the guest: `kvm`, or in tests `emulated`.
        public let accelerator: String
        /// SHA-256 of the guest's kernel.
        public let kernel: Digest
        /// SHA-256 of the initial file system: the guest's first process and its kernel's modules.
        public let initrd: Digest
        /// Profile and BPF program of the monitor (QEMU).
        public let profile: Profile
        public let filter: Digest
        /// Digest of the measurement of the jail that the monitor runs in: its image, mounts, arguments and limits.
        public let monitor: Digest
    }

    public let v: Int
    /// `process`: namespaces and filters of the host's kernel. `microvm`: a kernel of its own, in ``machine``.
    public private(set) var tier: String
    /// SHA-256 of the launcher's bytes; they were run from a sealed memfd, so these are the bytes that ran.
    public let launcher: Digest
    public let profile: Profile
    /// SHA-256 of the BPF program.
    public let filter: Digest
    /// `system` or `image`.
    public let root: String
    public let image: Digest?
    public let mounts: [Mount]
    public let argv: [String]
    /// Names only: a value may be a secret.
    public let environment: [String]
    /// Devices beside null, zero and urandom.
    public let devices: [String]
    public let workingDirectory: String
    /// Whether descriptor 3 is the supervised channel.
    public let channel: Bool
    public let limits: JailLimits
    public let enforcement: LimitsEnforcement
    public private(set) var namespaces: [String]
    /// ABI number of Landlock; 0 where the kernel has none.
    public private(set) var landlock: Int
    /// `own`: a host uid that belongs to nobody; `caller`: the uid of an ordinary user.
    public private(set) var uid: String
    public private(set) var machine: Machine?

    /// The same program in a guest: it has the machine to itself, and walls that the guest's kernel has.
    func inside(_ machine: Machine, tier: String) -> JailMeasurement {
        var inside = self
        inside.machine = machine
        inside.tier = tier
        inside.namespaces = []
        inside.landlock = 0
        inside.uid = "own"
        return inside
    }

    /// SHA-256 of the canonical JSON.
    public func digest() throws(JailError) -> Digest {
        do {
            return Digest.sha256(try CanonicalJSON.encode(self))
        } catch {
            throw JailError(
                .specification, "the measurement has no canonical form: \(error)",
                remedy: "use argv and paths that are valid UTF-8", cause: error)
        }
    }
}
