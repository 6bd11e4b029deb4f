// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Auction
import AuditBundle
import SovereignPolicy
import Testing
import TransparencyLog

@testable import AtomicCommand

/// `atomic auction replay` on histories that were tampered with in one place each.
struct AuctionReplayTests {
    /// A history under construction: entries, records and the policy of the golden vectors.
    private struct Story {
        var entries: [JSONValue] = []
        var blobs: [Digest: [UInt8]] = [:]
        let accepted: PolicyEnvelope.Accepted

        init() throws {
            let package = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
                separator: "/")
            let vectors = try JSONValue.parse(
                Files.read(package + "/Tests/Vectors/policy/envelope.json", limit: 16 << 20))
            let first = try #require(vectors["cases"]?.arrayValue?.first)
            let text = try #require(first["envelope"]?.stringValue)
            accepted = try PolicyEnvelope.inspect(try #require(Base64.decode(text)))
        }

        var weights: AuctionWeights {
            let stated = accepted.policy.auction.weights
            return AuctionWeights(quality: stated.quality, price: stated.price, latency: stated.latency)
        }

        func input(
            microtask: String = "0000/spam", sequence: Int64 = 0, previous: Digest? = nil,
            learning: LearnedInput? = nil
        ) -> AuctionInput {
            let names = ["bogofilter", "naive-bayes"]
            return AuctionInput(
                job: "job-1", jobDigest: Digest.sha256([1]), microtask: microtask, sequence: sequence,
                previous: previous ?? AuctionInput.noPrevious,
                features: TaskFeatures(
                    type: "spam", class: "pii", purpose: "support", bytes: 100, schema: Digest.sha256([2])),
                policy: PolicyReference(sequence: accepted.policy.sequence, digest: accepted.digest),
                bids: names.enumerated().map { index, name in
                    Bid(
                        model: name, digest: Digest.sha256(Array(name.utf8)), confidence: 60 + index, costStep: 2,
                        latencyStep: 2)
                }.sorted { $0.digest < $1.digest }, learning: learning, weights: weights,
                exploration: Exploration(floor: accepted.policy.auction.explorationFloor, weights: weights),
                minBids: Int(accepted.policy.auction.minBids), budgetRemaining: 50_000)
        }

        mutating func append(_ data: some EventData, type: String) throws {
            let entry = JSONValue.object([
                "v": .integer(1), "seq": .integer(Int64(entries.count)),
                "prev": .string(String(repeating: "0", count: 64)),
                "boot": .string("00000000-0000-0000-0000-000000000000"),
                "wall": .string("2026-11-21T10:00:00.000000000Z"), "mono": .string("1"), "type": .string(type),
                "actor": .object(["id": .string("room"), "role": .string("supervisor")]), "job": .string("job-1"),
                "label": .object(["class": .string("pii"), "owners": .array([.string("dpo")])]),
                "policy": .integer(accepted.policy.sequence), "data": try CanonicalJSON.value(data),
            ])
            entries.append(entry)
        }

        /// One auction with its settlement.
        mutating func tell(
            _ record: AuctionRecord, winner: String? = nil, bidders: Int64 = 2, credits: Int64? = nil,
            outcome: String = "crashed"
        ) throws {
            let bytes = try record.canonical()
            let digest = Digest.sha256(bytes)
            blobs[digest] = bytes
            let wall = try #require(WallTime(rfc3339: "2026-11-21T10:00:00Z"))
            try append(
                Event.AuctionHeld(
                    microtask: record.input.microtask, input: Digest.sha256([3]), attempt: 1, at: wall, record: digest,
                    winner: winner ?? record.award.winner, bidders: bidders, excluded: 0),
                type: Event.AuctionHeld.type)
            let bill = try Auction.settle(
                record, use: MeteredUse(cpuNs: 5_000_000, latencyNs: 7_000_000, channelBytes: 100),
                prices: ModelPrices(call: 2_000, cpuSecond: 0, kibibyte: 0), outcome: .failed, code: "crashed")
            try append(
                Event.AuctionSettled(
                    microtask: record.input.microtask, input: Digest.sha256([3]), attempt: 1, record: digest,
                    model: bill.model, outcome: outcome, cost: bill.cost, latencyNs: bill.latencyNs,
                    cpuNs: bill.cpuNs, credits: credits ?? bill.credits),
                type: Event.AuctionSettled.type)
        }

        func history() throws -> AuctionHistory {
            try AuctionHistory(entries.map { try LogEntry(bytes: $0.canonical) }) { blobs[$0] }
        }

        func complaints() throws -> [String] {
            try AuctionReplay(history(), policies: [accepted.policy.sequence: accepted]).complaints
        }
    }

    @Test func theGoldenBundleReplays() throws {
        let package = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        let bytes = try Files.read(package + "/Tests/Vectors/bundle/good.atomic", limit: 16 << 20)
        let replay = try AuctionReplay(Bundle(bytes: bytes))
        #expect(replay.complaints == [])
        #expect(replay.auctions == 7)
    }

    /// 40 auctions with their verified outcomes, then one that was held by what was learned of them, changed before it was recorded.
    private func learning(_ change: (LearnedInput) -> LearnedInput) throws -> LearningReplay {
        var story = try Story()
        var learner = Learner()
        var chain = LearningChain(owners: ["dpo"], dataClass: "pii", purpose: "support")
        var previous: Digest?
        for number in 0..<40 {
            let microtask = "\(1_000 + number)/spam"
            let record = try AuctionRecord.hold(
                story.input(microtask: microtask, sequence: Int64(number), previous: previous))
            let digest = try record.digest()
            previous = digest
            try story.tell(record)
            let winner = try #require(record.award.winner)
            let seq = UInt64(story.entries.count)
            try story.append(
                Event.FeedbackAdded(
                    microtask: microtask, input: .sha256([UInt8(number)]), model: winner, record: digest,
                    outcome: number % 3 == 0 ? "wrong" : "right", source: "label", credits: 0,
                    decision: RecordedDecision(
                        request: PolicyRequest(
                            action: "learn", at: WallTime(nanoseconds: 0), model: nil, class: "pii", purpose: "support",
                            requester: "desk-4", task: .sha256([4])), outcome: "permit", kind: "permitted",
                        rules: ["P3"])), type: Event.FeedbackAdded.type)
            learner.learn(
                try #require(
                    Lesson(
                        record.input, model: winner, isRight: number % 3 != 0, cost: 2, latencyMs: 7, examples: 0)))
            chain.add(record: digest, entry: seq, isRight: number % 3 != 0)
        }
        let plain = story.input(microtask: "2000/spam", sequence: 40, previous: previous)
        let learned = try #require(learner.input(plain.bids, on: plain.features, chain: chain, pace: .none))
        try story.tell(
            AuctionRecord.hold(
                story.input(microtask: "2000/spam", sequence: 40, previous: previous, learning: change(learned))))
        let entries = try story.entries.map { try LogEntry(bytes: $0.canonical) }
        return try LearningReplay(entries, story.history(), adaptive: [])
    }

    @Test func whatARoomLearnedIsLearnedAgain() throws {
        let honest = try learning { $0 }
        #expect(honest.checked == 1 && honest.differences.isEmpty, "\(honest.differences)")

        func changed(
            _ learning: LearnedInput, state: Digest? = nil, outcomes: Int64? = nil, better: Int64 = 0
        ) -> LearnedInput {
            var forecasts = learning.forecasts
            let first = forecasts[0]
            forecasts[0] = Forecast(
                quality: first.quality + better, deviation: first.deviation, cost: first.cost,
                costDeviation: first.costDeviation, latency: first.latency, usualQuality: first.usualQuality,
                usualCost: first.usualCost)
            return LearnedInput(
                engine: learning.engine, settings: learning.settings, state: state ?? learning.state,
                outcomes: outcomes ?? learning.outcomes, pace: learning.pace, forecasts: forecasts)
        }
        // A friend of the operator is expected to do better than it did; other outcomes are named; their number is wrong.
        let friend = try learning { changed($0, better: 1) }
        #expect(friend.differences.map(\.what).count == 1)
        #expect(friend.differences.first?.what.hasPrefix("input.learning.forecasts of ") == true)
        #expect(try learning { changed($0, state: .sha256([9])) }.differences.map(\.what) == ["input.learning.state"])
        #expect(try learning { changed($0, outcomes: 41) }.differences.map(\.what) == ["input.learning.outcomes"])
    }

    @Test func anHonestHistoryAgrees() throws {
        var story = try Story()
        let first = try AuctionRecord.hold(story.input())
        try story.tell(first)
        let takeover = try #require(try AuctionInput.takeover(after: first, code: "crashed", cost: 2))
        try story.tell(try .hold(takeover))
        #expect(try story.complaints() == [])
        #expect(try story.history().items.count == 2)
        #expect(try story.history().items[0].settlement?.code == "crashed")
    }

    @Test func anAwardThatDoesNotFollowIsNamed() throws {
        var story = try Story()
        var tree = try CanonicalJSON.value(AuctionRecord.hold(story.input()))
        let winner = try #require(tree["award"]?["winner"]?.stringValue)
        let loser = winner == "bogofilter" ? "naive-bayes" : "bogofilter"
        guard case .object(var record) = tree, case .object(var award)? = record["award"] else { return }
        award["winner"] = .string(loser)
        record["award"] = .object(award)
        tree = .object(record)
        try story.tell(try AuctionRecord(canonical: tree.canonical))
        let complaints = try story.complaints()
        #expect(complaints.first?.contains("award.winner: stored \"\(loser)\", computed \"\(winner)\"") == true)
    }

    @Test func anEntryThatTellsAnotherStoryIsNamed() throws {
        var story = try Story()
        try story.tell(try .hold(story.input()), winner: "cloud-oracle", bidders: 3)
        let complaints = try story.complaints().joined(separator: "\n")
        #expect(complaints.contains("entry.winner: stored cloud-oracle"))
        #expect(complaints.contains("entry.bidders: stored 3, computed 2"))
    }

    @Test func creditsThatDoNotFollowAreNamed() throws {
        var story = try Story()
        try story.tell(try .hold(story.input()), credits: 5)
        #expect(try story.complaints().first?.contains("settlement.credits: stored 5") == true)
        var valid = try Story()
        try valid.tell(try .hold(valid.input()), credits: 0, outcome: "valid")
        #expect(try valid.complaints() == [])
    }

    @Test func weightsThatAreNotThePolicysAreNamed() throws {
        var story = try Story()
        let honest = story.input()
        let bent = AuctionInput(
            job: honest.job, jobDigest: honest.jobDigest, microtask: honest.microtask, sequence: 0,
            features: honest.features, policy: honest.policy, bids: honest.bids,
            weights: AuctionWeights(
                quality: 1, price: story.weights.price, latency: story.weights.latency, reserve: -1_000_000_000),
            exploration: Exploration(floor: 5, margin: 0), budgetRemaining: 50_000)
        try story.tell(try .hold(bent))
        let complaints = try story.complaints().joined(separator: "\n")
        #expect(complaints.contains("weights.quality: stored 1"))
        #expect(complaints.contains("exploration.floor: stored 5"))
        #expect(complaints.contains("exploration.margin: stored 0"))
        #expect(complaints.contains("weights.reserve: stored -1000000000, computed 0"))
        let unknown = try AuctionReplay(story.history(), policies: [:]).complaints.joined(separator: "\n")
        #expect(unknown.contains("computed not in the bundle"))
    }

    @Test func aMissingAuctionBreaksTheChain() throws {
        var story = try Story()
        try story.tell(try .hold(story.input(sequence: 1, previous: Digest.sha256([9]))))
        #expect(try story.complaints() == ["job job-1, auction 1: records before it are missing"])
    }

    @Test func aMissingOrAlteredRecordStopsTheReplay() throws {
        var story = try Story()
        try story.tell(try .hold(story.input()))
        let digest = try #require(story.blobs.keys.first)
        var altered = story
        altered.blobs[digest]?[40] ^= 1
        var missing = story
        missing.blobs = [:]
        for broken in [altered, missing] {
            #expect(throws: AuctionError(.record, "", remedy: "")) { try broken.history() }
        }
        #expect(try story.history().items.count == 1)
    }
}
