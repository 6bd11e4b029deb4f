// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
public import Sealing

/// Who signs policies: m of n distinct keys, with some roles among them.
public struct PolicyAuthority: Codable, Equatable, Sendable {
    /// One key and the role in which it signs.
    public struct Member: Codable, Equatable, Sendable {
        public let id: String
        public let role: String
        public let key: PublicKey

        public init(id: String, role: String, key: PublicKey) {
            self.id = id
            self.role = role
            self.key = key
        }
    }

    /// What a few keys may do to stop work, never to allow more.
    public struct EmergencyStop: Codable, Equatable, Sendable {
        public let threshold: Int64
        /// Of `halt` and `revoke`.
        public let may: [String]

        public init(threshold: Int64, may: [String]) {
            self.threshold = threshold
            self.may = may
        }
    }

    /// Distinct keys that must sign.
    public let threshold: Int64
    public let keys: [Member]
    /// Roles that must be among the signers.
    public let requireRoles: [String]
    public let emergencyStop: EmergencyStop?

    public init(threshold: Int64, keys: [Member], requireRoles: [String], emergencyStop: EmergencyStop? = nil) {
        self.threshold = threshold
        self.keys = keys
        self.requireRoles = requireRoles
        self.emergencyStop = emergencyStop
    }

    /// The keys themselves; a key that is listed under two roles counts once.
    public var distinctKeys: Set<PublicKey> { Set(keys.map(\.key)) }

    /// Why these signers are no quorum, or nil when they are one. Signers that are not in the authority count nothing.
    ///
    /// - Parameter whose: how the message calls this authority, for example `the previous policy`.
    public func lack(of signers: Set<PublicKey>, whose: String) -> PolicyError? {
        let present = distinctKeys.intersection(signers)
        guard Int64(present.count) >= threshold, threshold >= 1 else {
            return PolicyError(
                "threshold", "\(present.count) distinct keys of \(whose) signed, \(threshold) must",
                remedy: "collect more signatures with atomic policy sign --add")
        }
        for role in requireRoles.sorted() where !keys.contains(where: { $0.role == role && present.contains($0.key) }) {
            return PolicyError(
                "role", "no key with the role \(role) of \(whose) signed",
                remedy: "have a \(role) sign with atomic policy sign --add")
        }
        return nil
    }
}
