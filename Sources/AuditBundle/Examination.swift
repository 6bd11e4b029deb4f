// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import TransparencyLog

/// The course of reading one bundle: one check after the other, each building on those before it.
struct Examination {
    private let bytes: [UInt8]
    private let trustBytes: [UInt8]
    private var claims: [Claim] = []
    private var isBroken = false

    init(bundle: [UInt8], trust: [UInt8]) {
        bytes = bundle
        trustBytes = trust
    }

    /// What a check found: the claim as a sentence, and who vouches for it.
    struct Finding {
        var says: String
        var signedBy: [String] = []
    }

    /// Runs all checks.
    mutating func report() -> BundleReport {
        // A copy, because a check must not look at the examination that it is part of.
        let trustBytes = trustBytes
        var context: Story?
        var bundle: Bundle?
        if let trust = essential(
            .trust, "the trust file says whom the reader believes",
            { () throws(BundleError) in try TrustFile(json: trustBytes) })
        {
            (bundle, context) = open(trust)
        } else {
            skip(Self.order.dropFirst())
        }
        if var story = context {
            examine(&story)
        }
        return BundleReport(
            bundle: Digest.sha256(bytes).description, room: bundle?.predicate.room, jobs: bundle?.predicate.jobs ?? [],
            verified: !claims.isEmpty && claims.allSatisfy { $0.verdict == .verified }, claims: claims)
    }

    /// In the order in which they are judged.
    private static let order: [BundleError.Code] = [
        .trust, .archive, .manifest, .signature, .members, .log, .proof, .policy, .model, .record, .label, .auction,
        .jail, .witness, .state, .decision, .receipt, .attestation,
    ]

    /// The checks without which nothing further can be read.
    private mutating func open(_ trust: TrustFile) -> (Bundle?, Story?) {
        let bytes = bytes
        guard
            let members = essential(
                .archive, "the file is the one canonical archive of its members",
                { () throws(BundleError) in try CanonicalArchive.decode(bytes) }),
            let bundle = essential(
                .manifest, "the manifest is an in-toto Statement about this bundle",
                { () throws(BundleError) in try Bundle(members: members, digest: Digest.sha256(bytes)) }),
            let room = essential(
                .trust, "the room \(bundle.predicate.room) is one that the reader trusts",
                { () throws(BundleError) in try trust.room(bundle.predicate.room) }),
            let signer = essential(
                .signature, "the room signed the manifest, and nobody else did",
                { () throws(BundleError) in try ManifestCheck.signer(of: bundle, room) }, by: Self.signers),
            essential(
                .members, "the \(bundle.members.count) members are exactly the subjects of the manifest",
                { () throws(BundleError) in try ManifestCheck.subjects(of: bundle) }) != nil
        else {
            skip(Self.order.drop { code in claims.contains { $0.claim == code.rawValue } })
            return (nil, nil)
        }
        let range = bundle.predicate.range
        let story = essential(
            .log, "entries \(range.start) to \(range.end - 1) are the log's, in an unbroken chain",
            { () throws(BundleError) in
                try Story(bundle: bundle, trust: trust, room: room, signer: signer)
            }, by: { ["log \($0.log.verifier.name)+\(Self.hex($0.log.verifier.keyID))"] })
        if story == nil { skip(Self.order.drop { $0 != .proof }) }
        return (bundle, story)
    }

    private mutating func examine(_ story: inout Story) {
        judge(.proof) { () throws(BundleError) in try ProofCheck.verify(story) }
        // What the later claims mean depends on these two: without policies and records there is nothing to compare.
        let hasPolicies = judge(.policy) { () throws(BundleError) in try PolicyCheck.verify(&story) }
        guard hasPolicies else { return skip(Self.order.drop { $0 != .model }) }
        judge(.model) { () throws(BundleError) in try ModelCheck.verify(story) }
        let hasRecords = judge(.record) { () throws(BundleError) in try RecordCheck.verify(&story) }
        guard hasRecords else { return skip(Self.order.drop { $0 != .label }) }
        judge(.label) { () throws(BundleError) in try LabelCheck.verify(story) }
        judge(.auction) { () throws(BundleError) in try AuctionCheck.verify(story) }
        judge(.jail) { () throws(BundleError) in try JailCheck.verify(story) }
        judge(.witness) { () throws(BundleError) in try WitnessCheck.verify(story) }
        judge(.state) { () throws(BundleError) in try StateCheck.verify(story) }
        judge(.decision) { () throws(BundleError) in try DecisionCheck.verify(story) }
        judge(.receipt) { () throws(BundleError) in try ReceiptCheck.verify(story) }
        judge(.attestation) { () throws(BundleError) in try AttestationCheck.verify(story) }
    }

    @discardableResult
    private mutating func judge(_ code: BundleError.Code, _ body: () throws(BundleError) -> Finding) -> Bool {
        do throws(BundleError) {
            let finding = try body()
            claims.append(
                Claim(claim: code.rawValue, says: finding.says, signedBy: finding.signedBy, verdict: .verified))
            return true
        } catch {
            claims.append(Self.failed(code, Self.meaning[code] ?? code.rawValue, error))
            return false
        }
    }

    private mutating func essential<Value>(
        _ code: BundleError.Code, _ says: String, _ body: () throws(BundleError) -> Value,
        by signers: (Value) -> [String] = { _ in [] }
    ) -> Value? {
        do throws(BundleError) {
            let value = try body()
            claims.append(
                Claim(claim: code.rawValue, says: says, signedBy: signers(value), verdict: .verified))
            return value
        } catch {
            claims.append(Self.failed(code, says, error))
            return nil
        }
    }

    private mutating func skip(_ codes: some Sequence<BundleError.Code>) {
        for code in codes where !claims.contains(where: { $0.claim == code.rawValue }) {
            claims.append(
                Claim(
                    claim: code.rawValue, says: Self.meaning[code] ?? code.rawValue, signedBy: [], verdict: .unchecked))
        }
    }

    /// The claim keeps its own name, so that a reader sees which one failed.
    private static func failed(_ code: BundleError.Code, _ says: String, _ error: BundleError) -> Claim {
        Claim(claim: code.rawValue, says: says, signedBy: [], verdict: .failed, reason: error.message)
    }

    private static func signers(_ key: PublicKey) -> [String] { ["room \(key.keyID.prefix(16))"] }

    static func hex(_ number: UInt32) -> String {
        Hex.encode((0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) })
    }

    private static let meaning: [BundleError.Code: String] = [
        .archive: "the file is the one canonical archive of its members",
        .manifest: "the manifest is an in-toto Statement about this bundle",
        .signature: "the room signed the manifest, and nobody else did",
        .members: "the members are exactly the subjects of the manifest",
        .log: "the entries are the log's, in an unbroken chain",
        .proof: "inclusion proofs stand for acceptance, release and end",
        .policy: "the policies are a chain that the trusted quorum signed",
        .model: "the models that ran are those of the policy",
        .record: "records are what their digests name",
        .label: "trusted owners labelled the inputs",
        .auction: "only eligible models bid, and the award's winner won",
        .jail: "jails were measured before they started",
        .witness: "answers left under as many cosignatures as their policy demands",
        .state: "every job went a legal way",
        .decision: "every decision is the policy's",
        .receipt: "receipts agree with the log",
        .attestation: "the room claims no more assurance than it reached",
    ]
}
