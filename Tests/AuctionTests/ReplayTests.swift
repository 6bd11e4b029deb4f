// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct ReplayTests {
    private func record() throws -> AuctionRecord {
        try AuctionRecord.hold(
            Arena.input(
                [Arena.bid("a", 60), Arena.bid("b", 60), Arena.bid("c", 58)], exclusions: [Arena.excluded("cloud")],
                late: [Arena.late("slow", .late)], exploration: Exploration(floor: 1_000_000_000, margin: 600_000_000)))
    }

    /// Paths of all leaves of a tree.
    private func leaves(_ value: JSONValue, _ path: [String] = []) -> [[String]] {
        switch value {
        case .object(let members): members.keys.sorted().flatMap { leaves(members[$0] ?? .null, path + [$0]) }
        case .array(let items): items.indices.flatMap { leaves(items[$0], path + [String($0)]) }
        default: [path]
        }
    }

    private func changed(_ value: JSONValue, at path: ArraySlice<String>, to new: JSONValue? = nil) -> JSONValue {
        if let new, path.isEmpty { return new }
        switch (value, path.first) {
        case (.object(var members), let key?):
            members[key] = changed(members[key] ?? .null, at: path.dropFirst(), to: new)
            return .object(members)
        case (.array(var items), let key?):
            items[Int(key) ?? 0] = changed(items[Int(key) ?? 0], at: path.dropFirst(), to: new)
            return .array(items)
        case (.integer(let number), _): return .integer(number ^ 1)
        case (.bool(let flag), _): return .bool(!flag)
        // Digests and the closed vocabularies must stay of their form to be read at all.
        case (.string(let text), _):
            return .string(text.hasSuffix("0") ? text.dropLast() + "1" : text.dropLast() + "0")
        default: return .null
        }
    }

    @Test func everyChangeOfTheAwardIsNamed() throws {
        let tree = try CanonicalJSON.value(record())
        let paths = leaves(tree).filter { $0.first == "award" }
        #expect(paths.count > 30)
        var named = 0
        for path in paths {
            let forged = changed(tree, at: path[...])
            guard let stored = try? AuctionRecord(canonical: forged.canonical) else { continue }
            guard case .differs(let place, let was, let now) = Auction.replay(stored) else {
                Issue.record("a change at \(path) went unnoticed")
                continue
            }
            named += 1
            #expect(place.hasPrefix("award.") && was != now)
            #expect(place.split(separator: ".").last?.hasPrefix(path.last { Int($0) == nil } ?? "") == true)
        }
        #expect(named > 25)
    }

    @Test func aMissingWinnerIsNamed() throws {
        var record = try record()
        record = AuctionRecord(input: record.input, award: Auction.strip(record.award))
        guard case .differs(let place, "absent", _) = Auction.replay(record) else {
            Issue.record("unnoticed")
            return
        }
        #expect(place == "award.runnerUp")
    }

    @Test func aForgedRecordNeverTrapsItsReader() throws {
        let first = try record()
        let second = try AuctionRecord.hold(
            try #require(try AuctionInput.takeover(after: first, code: "crashed", cost: 1)))
        var forgeries = 0
        for record in [first, second] {
            let tree = try CanonicalJSON.value(record)
            for path in leaves(tree) {
                for number in [Int64.max, .min, -1, 0] {
                    let forged = changed(tree, at: path[...], to: .integer(number))
                    guard let stored = try? AuctionRecord(canonical: forged.canonical) else { continue }
                    forgeries += 1
                    _ = Auction.replay(stored)
                    _ = Auction.explain(stored)
                    _ = Auction.overview([ExplainedAuction(name: "x", record: stored, settlement: nil)])
                    _ = try Auction.verifyChain([first, stored])
                    _ = try Auction.verifyChain([stored, second])
                    _ = try? Auction.settle(
                        stored, use: MeteredUse(cpuNs: 1, latencyNs: 1, channelBytes: 1),
                        prices: ModelPrices(call: 1, cpuSecond: 1, kibibyte: 1), outcome: .wrong)
                }
            }
        }
        #expect(forgeries > 300)
    }

    @Test func aChangedBidDoesNotReplay() throws {
        let tree = try CanonicalJSON.value(record())
        for member in ["confidence", "costStep", "latencyStep"] {
            let forged = changed(tree, at: ["input", "bids", "0", member])
            let stored = try AuctionRecord(canonical: forged.canonical)
            #expect(!Auction.replay(stored).agrees, "\(member)")
        }
        #expect(Auction.replay(try AuctionRecord(canonical: tree.canonical)) == .agrees)
    }

    @Test func aChosenSeedIsRefused() throws {
        let forged = changed(try CanonicalJSON.value(record()), at: ["input", "seed"])
        let stored = try AuctionRecord(canonical: forged.canonical)
        #expect(Auction.replay(stored) == .refused(AuctionError(.seed, "", remedy: "")))
    }

    @Test(arguments: ["kind", "v"])
    func aRecordOfAnotherKindOrVersionIsNotRead(member: String) throws {
        let forged = changed(try CanonicalJSON.value(record()), at: [member])
        #expect(throws: AuctionError(.record, "", remedy: "")) { try AuctionRecord(canonical: forged.canonical) }
    }

    @Test func onlyTheCanonicalBytesAreARecord() throws {
        let bytes = try record().canonical()
        _ = try AuctionRecord(canonical: bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        for other in [
            text + "\n", " " + text, text.replacing("\"kind\"", with: "\"extra\":1,\"kind\""), "", "{}", "[]",
        ] {
            #expect(throws: AuctionError(.record, "", remedy: "")) { try AuctionRecord(canonical: Array(other.utf8)) }
        }
    }
}

extension Auction {
    /// An award from which the runner-up was struck out.
    static func strip(_ award: Award) -> Award {
        var award = award
        award.runnerUp = nil
        return award
    }
}
