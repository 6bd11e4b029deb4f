// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing

extension Envelope {
    /// Who signed: every line must be a good signature by a different one of these keys.
    ///
    /// - Parameters:
    ///   - unknown: what is wrong with a key that is not one of them, and what to do.
    ///   - unverified: what to do about a signature that does not verify.
    /// - Throws: `unknown-signer`, `duplicate-signer`, `signature`.
    func distinctSigners(
        of known: Set<PublicKey>, unknown: (what: String, remedy: String), unverified: String
    ) throws(PolicyError) -> Set<PublicKey> {
        var seen: Set<String> = []
        for line in signatures {
            guard known.contains(where: { $0.keyID == line.keyid }) else {
                throw PolicyError(
                    "unknown-signer", "key \(line.keyid.prefix(12)) \(unknown.what)", remedy: unknown.remedy)
            }
            guard seen.insert(line.keyid).inserted else {
                throw PolicyError(
                    "duplicate-signer", "key \(line.keyid.prefix(12)) signed twice", remedy: "remove one signature")
            }
        }
        let signers = verified(by: known)
        guard signers.count == signatures.count else {
            throw PolicyError(
                "signature", "\(signatures.count - signers.count) signatures do not verify", remedy: unverified)
        }
        return signers
    }
}
