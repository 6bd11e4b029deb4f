// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// One thing that a bundle says, who vouches for it, and whether it holds.
public struct Claim: Codable, Equatable, Sendable {
    /// Whether a claim holds.
    public enum Verdict: String, Codable, Sendable {
        case verified
        case failed
        /// A claim that it builds on failed.
        case unchecked
    }

    /// Name of the claim; the code of the error when it fails.
    public var claim: String
    /// The claim as a sentence.
    public var says: String
    /// Keys that vouch for it, as `ROLE KEYID` (the first 16 digits), or how it follows from other claims.
    public var signedBy: [String]
    public var verdict: Verdict
    /// What is wrong; absent unless it failed.
    public var reason: String?

    public init(claim: String, says: String, signedBy: [String], verdict: Verdict, reason: String? = nil) {
        self.claim = claim
        self.says = says
        self.signedBy = signedBy
        self.verdict = verdict
        self.reason = reason
    }
}

/// The outcome of reading a bundle: every claim with its verdict.
public struct BundleReport: Codable, Equatable, Sendable {
    /// `sha256:…` of the bundle's bytes.
    public var bundle: String
    /// Origin of the room, once it is known.
    public var room: String?
    public var jobs: [String]
    /// Whether every claim holds.
    public var verified: Bool
    public var claims: [Claim]

    public init(bundle: String, room: String?, jobs: [String], verified: Bool, claims: [Claim]) {
        self.bundle = bundle
        self.room = room
        self.jobs = jobs
        self.verified = verified
        self.claims = claims
    }

    /// The first claim that failed.
    public var failure: Claim? { claims.first { $0.verdict == .failed } }
}
