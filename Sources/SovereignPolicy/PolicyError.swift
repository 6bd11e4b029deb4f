// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// Errors of the policy room. An error of *deciding* is never thrown: it is a decision that denies (kind `error`).
///
/// Codes of a policy: `policy` (it contradicts itself; the message has the path).
/// Codes of an envelope: `envelope`, `payload-type`, `payload`, `signature`, `unknown-signer`, `duplicate-signer`,
/// `threshold`, `role`, `first`, `rollback`, `gap`, `fork`, `not-yet-valid`, `expired`, `signer-not-in-policy`.
public enum PolicyDomain: FailureDomain {
    public static var name: String { "policy" }
    /// A policy that is not what it must be is a failed verification.
    public static var exit: ExitStatus { .unverified }
}

public typealias PolicyError = Failure<PolicyDomain>
