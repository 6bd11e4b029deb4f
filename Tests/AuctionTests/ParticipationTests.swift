// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

@Suite("Who takes part, beyond what rules say") struct ParticipationTests {
    private func candidate(_ model: String, _ publisher: String? = nil, verified: Int64 = 100)
        -> Participation.Candidate
    {
        .init(model: model, digest: .sha256(Array(model.utf8)), publisher: publisher, verified: verified)
    }

    private func out(
        _ candidates: [Participation.Candidate], quota: Int64? = nil, trials: Int64 = 0, least: Int64 = 1,
        seed: String = "seed"
    ) -> [String: String] {
        let exclusions = Participation(bidsPerPublisher: quota, trials: trials, least: least)
            .exclusions(among: candidates, seed: .sha256(Array(seed.utf8)))
        #expect(exclusions.map(\.digest) == exclusions.map(\.digest).sorted())
        #expect(exclusions.allSatisfy(Participation.isRoomsOwn))
        return Dictionary(uniqueKeysWithValues: exclusions.map { ($0.model, $0.kind) })
    }

    @Test("a newcomer sits out while somebody known is there, and not otherwise") func newcomers() {
        let known = candidate("known", verified: 8)
        let new = candidate("new", verified: 7)
        #expect(out([known, new], trials: 8) == ["new": "trial"])
        #expect(out([known, new], trials: 7) == [:])
        #expect(out([known, new]) == [:])
        #expect(out([new, candidate("newer", verified: 0)], trials: 8) == [:])
        // Two bids are demanded, and one model is known.
        #expect(out([known, new], trials: 8, least: 2) == [:])
        #expect(out([], trials: 8) == [:])
    }

    @Test("of a publisher as many bid as may, each in its turn; of nobody's models all do") func quotas() {
        let crowd = (0..<20).map { candidate("sybil-\($0)", "acme") }
        let others = [candidate("one", "other"), candidate("two"), candidate("three")]
        var turns: [String: Int] = [:]
        for round in 0..<600 {
            let left = out(crowd + others, quota: 2, seed: "\(round)")
            #expect(left.count == 18 && left.values.allSatisfy { $0 == "quota" })
            #expect(Set(left.keys).isDisjoint(with: others.map(\.model)))
            for model in crowd where left[model.model] == nil { turns[model.model, default: 0] += 1 }
        }
        // 60 turns are expected of each; far outside of chance would be an order that somebody can choose.
        #expect(turns.count == 20 && turns.values.allSatisfy { (30...95).contains($0) }, "\(turns)")
        // The order of the list has no say.
        #expect(out(crowd, quota: 2) == out(crowd.reversed(), quota: 2))
        #expect(out(crowd, quota: 20) == [:] && out(crowd) == [:])
    }

    @Test("newcomers take no place of a quota") func both() {
        let models = [candidate("old", "acme"), candidate("new", "acme", verified: 0), candidate("other")]
        #expect(out(models, quota: 1, trials: 4) == ["new": "trial"])
    }
}
