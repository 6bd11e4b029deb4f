// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Testing

@Suite("Golden bundles") struct BundleVectorTests {
    let vectors: BundleVectors

    init() throws { vectors = try BundleVectors() }

    @Test("the good bundle verifies, claim by claim") func good() {
        let report = BundleVerifier.verify(bundle: vectors.good, trust: vectors.trust)
        #expect(report.verified)
        #expect(report.claims.map(\.claim).count == 19)
        for claim in report.claims { #expect(claim.verdict == .verified, "\(claim.claim): \(claim.reason ?? "")") }
        #expect(report.jobs == ["job-000001"])
        #expect(report.bundle == Digest.sha256(vectors.good).description)
    }

    @Test("every golden bundle fails at the claim that its name says, or holds") func bundles() {
        #expect(vectors.bundles.count > 100)
        for item in vectors.bundles {
            let report = BundleVerifier.verify(bundle: item.bytes, trust: vectors.trust)
            let found = report.verified ? "ok" : report.failure?.claim ?? "nothing failed"
            #expect(found == item.expect, "\(item.name): \(report.failure?.reason ?? "")")
            #expect(report.verified == (item.expect == "ok"), "\(item.name)")
        }
    }

    @Test("every golden trust file lets the good bundle pass or fail as its name says") func trusts() {
        #expect(vectors.trusts.count > 10)
        for item in vectors.trusts {
            let report = BundleVerifier.verify(bundle: vectors.good, trust: item.bytes)
            let found = report.verified ? "ok" : report.failure?.claim ?? "nothing failed"
            #expect(found == item.expect, "\(item.name): \(report.failure?.reason ?? "")")
        }
    }

    @Test("an empty trust file fails", arguments: [[], Array("{}".utf8), Array("[]".utf8), Array("null".utf8), [0xff]])
    func emptyTrust(_ trust: [UInt8]) {
        let report = BundleVerifier.verify(bundle: vectors.good, trust: trust)
        #expect(!report.verified)
        #expect(report.failure?.claim == "trust")
        #expect(report.claims.contains { $0.verdict == .unchecked })
    }
}
