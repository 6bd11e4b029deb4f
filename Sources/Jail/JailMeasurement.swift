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

    public let v: Int
    /// Always `process`: namespaces and filters of one kernel.
    public let tier: String
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
    public let namespaces: [String]
    /// ABI number of Landlock; 0 where the kernel has none.
    public let landlock: Int
    /// `own`: a host uid that belongs to nobody; `caller`: the uid of an ordinary user.
    public let uid: String

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
