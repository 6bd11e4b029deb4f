// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What can be wrong with a bundle or with the trust file it is read with. Everything exits 4.
public enum BundleDomain: FailureDomain {
    public static let name = "bundle"
    public static let exit = ExitStatus.unverified
}

/// A failed check of a bundle; equal on its code, which is the name of the claim that failed.
public typealias BundleError = Failure<BundleDomain>

extension Failure.Code where Domain == BundleDomain {
    /// The file is not the one canonical ustar archive of its members.
    public static var archive: Self { "archive" }
    /// The trust file is malformed, or does not know the room.
    public static var trust: Self { "trust" }
    /// `manifest.dsse` is missing or malformed.
    public static var manifest: Self { "manifest" }
    /// The manifest is not signed by exactly one trusted statement key of the room.
    public static var signature: Self { "signature" }
    /// Members and subjects of the manifest differ, or a member has no business in a bundle.
    public static var members: Self { "members" }
    /// Checkpoint, tiles and entries do not fit each other, or an entry is malformed.
    public static var log: Self { "log" }
    /// An inclusion proof is missing or does not prove its entry.
    public static var proof: Self { "proof" }
    /// The policies are not a chain that trusted keys signed, or not the ones that the log names.
    public static var policy: Self { "policy" }
    /// A model's manifest is missing or not the one that the policy names.
    public static var model: Self { "model" }
    /// A record is missing, superfluous or not what its digest names.
    public static var record: Self { "record" }
    /// A label is missing, not by a trusted owner, or says something else than the job's inputs.
    public static var label: Self { "label" }
    /// An auction's bidders, exclusions or winner contradict the policy or the log.
    public static var auction: Self { "auction" }
    /// The measurement of a jail is missing or does not fit the model.
    public static var jail: Self { "jail" }
    /// An answer left under fewer cosignatures than its policy demands, or one does not fit.
    public static var witness: Self { "witness" }
    /// A job's entries are no legal path of a job.
    public static var state: Self { "state" }
    /// A recorded decision is not the one that the policy gives.
    public static var decision: Self { "decision" }
    /// A receipt is missing or does not agree with the entries.
    public static var receipt: Self { "receipt" }
    /// The room's statement is missing, or claims more than was reached.
    public static var attestation: Self { "attestation" }
}

extension Failure where Domain == BundleDomain {
    /// A failed check; the remedy is the same for all of them, because nobody can mend a bundle.
    static func failed(_ code: Code, _ message: String, cause: (any Error)? = nil) -> Self {
        Self(code, message, remedy: "do not rely on this bundle; ask the room for a fresh one", cause: cause)
    }
}
