// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import SovereignPolicy
import Testing

@testable import AuditBundle

@Suite("A verifier looks at who sat an auction out") struct ParticipationCheckTests {
    private static let zero = Digest.sha256([])
    private static let seed = Digest.sha256([7])

    private static func digest(_ model: String) -> Digest { .sha256(Array(model.utf8)) }

    /// The models of `acme` in the order of their places.
    private static let drawn = (0..<4).map { "acme-\($0)" }.sorted { place($0) < place($1) }

    private static func place(_ model: String) -> Digest { .sha256(seed.bytes + digest(model).bytes) }

    private static func policy(quota: Int64?, trials: Int64?) -> SovereignPolicy {
        func model(_ name: String, _ publisher: String?) -> PolicyModel {
            PolicyModel(
                digest: digest(name), deployment: "onprem", jurisdiction: "DE", maxClass: "pii", isolation: "process",
                publisher: publisher)
        }
        var models = Dictionary(uniqueKeysWithValues: drawn.map { ($0, model($0, "acme")) })
        models["free"] = model("free", nil)
        return SovereignPolicy(
            metadata: .init(
                id: "p", sequence: 1, previous: nil, notBefore: WallTime(nanoseconds: 0),
                expires: WallTime(nanoseconds: 1)),
            authority: .init(threshold: 1, keys: [], requireRoles: []), dataClasses: [:], models: models, rules: [],
            tasks: [:], requesters: [:],
            auction: PolicyAuction(
                weights: .init(quality: 1, price: 0, latency: 0), explorationFloor: 0, minBids: 1,
                bidsPerPublisher: quota, trials: trials))
    }

    /// - Parameters:
    ///   - out: kinds by model.
    ///   - known: models with enough verified outcomes.
    private func fault(
        _ bidders: [String], out: [String: String] = [:], quota: Int64? = nil, trials: Int64? = nil,
        known: Set<String> = [], isLearned: Bool = true, isTrial: Bool = false, takesOver: Bool = false
    ) throws -> String? {
        func party(_ model: String) -> AuctionCheck.AuctionView.Bidder {
            .init(digest: Self.digest(model), model: model)
        }
        let input = AuctionCheck.AuctionView.Input(
            bids: bidders.map(party),
            exclusions: out.map { .init(digest: Self.digest($0.key), model: $0.key, kind: $0.value, rules: []) },
            late: [], features: .init(class: "pii", purpose: "p", type: "spam", schema: Self.zero), experience: nil,
            learning: isLearned ? .init(state: Self.zero, outcomes: 40) : nil, exploration: .init(floor: 0), job: "j",
            jobDigest: Self.zero, microtask: "0000/spam", policy: .init(digest: Self.zero, sequence: 1),
            seed: Self.seed.hex, prior: takesOver ? [.init(model: "free")] : [])
        let check = ParticipationCheck(
            input: input, policy: Self.policy(quota: quota, trials: trials), isTrial: isTrial
        ) { model, _ in !known.contains { Self.digest($0) == model } }
        do throws(BundleError) {
            try check.verify()
            return nil
        } catch {
            return error.message
        }
    }

    @Test("a quota is used up, in the order that the seed draws") func quotas() throws {
        let (first, second, third) = (Self.drawn[0], Self.drawn[1], Self.drawn[2])
        #expect(try fault([first, second, "free"], quota: 2) == nil)
        #expect(try fault([first, second, "free"], out: [third: "quota"], quota: 2) == nil)
        #expect(try fault([first, second, third], quota: 2)?.contains("brought 3") == true)
        #expect(try fault([first, third], out: [second: "quota"], quota: 2)?.contains("out of turn") == true)
        #expect(try fault([first], out: [second: "quota"], quota: 2)?.contains("not used up") == true)
        #expect(try fault([first], out: ["free": "quota"], quota: 1)?.contains("not used up") == true)
        #expect(try fault([first], out: [second: "quota"])?.contains("without one in the policy") == true)
    }

    @Test("who is kept out as a newcomer is one, and somebody known was there") func newcomers() throws {
        #expect(try fault(["free"], out: ["acme-0": "trial"], trials: 8, known: ["free"]) == nil)
        for wrong in [
            try fault(["free"], out: ["acme-0": "trial"], trials: 8, known: ["free", "acme-0"]),
            try fault(["free"], out: ["acme-0": "trial"], known: ["free"]),
            try fault(["free"], out: ["acme-0": "trial"], trials: 8, known: ["free"], isLearned: false),
        ] { #expect(wrong?.contains("which it is not") == true) }
        #expect(try fault([], out: ["acme-0": "trial"], trials: 8)?.contains("only newcomers were") == true)
        // A takeover repeats whom the first attempt kept out.
        #expect(try fault([], out: ["acme-0": "trial"], takesOver: true) == nil)
    }

    @Test("only newcomers are tried") func trials() throws {
        #expect(try fault(["acme-0", "acme-1", "free"], quota: 1, trials: 8, isTrial: true) == nil)
        #expect(try fault(["acme-0"], trials: 8, known: ["acme-0"], isTrial: true)?.contains("which it is not") == true)
        #expect(try fault(["acme-0"], isTrial: true)?.contains("which it is not") == true)
    }
}
