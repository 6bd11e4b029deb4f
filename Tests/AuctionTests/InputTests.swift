// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct InputTests {
    private func code(_ input: AuctionInput) -> String? {
        do throws(AuctionError) {
            _ = try Auction.hold(input)
            return nil
        } catch {
            return error.codeName
        }
    }

    /// The same input with one member of its JSON replaced: what a forger of records could write.
    private func forged(_ path: [String], _ value: JSONValue) throws -> AuctionInput {
        var tree = try CanonicalJSON.value(Arena.input([Arena.bid("a", 60), Arena.bid("b", 50)]))
        func set(_ node: inout JSONValue, _ path: ArraySlice<String>) {
            guard let key = path.first else {
                node = value
                return
            }
            if case .object(var members) = node {
                set(&members[key, default: .null], path.dropFirst())
                node = .object(members)
            }
            if case .array(var items) = node, let index = Int(key) {
                set(&items[index], path.dropFirst())
                node = .array(items)
            }
        }
        set(&tree, path[...])
        return try CanonicalJSON.decode(AuctionInput.self, from: tree)
    }

    @Test func anUntouchedInputIsAccepted() throws {
        #expect(code(try forged(["job"], .string("job-1"))) == nil)
    }

    @Test(
        arguments: [
            (["bids", "0", "confidence"], 65), (["bids", "0", "confidence"], -1), (["bids", "0", "costStep"], 16),
            (["bids", "1", "latencyStep"], -1), (["budgetRemaining"], -1), (["budgetRemaining"], .max),
            (["minBids"], 0),
            (["weights", "quality"], -1), (["weights", "quality"], .max), (["weights", "risk"], 1_000_000_000_000_001),
            (["weights", "reserve"], .min), (["exploration", "floor"], 1_000_000_001), (["exploration", "margin"], -1),
            (["attempt"], 0), (["round"], 0), (["sequence"], -1), (["policy", "sequence"], -1),
            (["features", "lengthStep"], 16),
        ] as [([String], Int64)])
    func numbersOutOfBoundsAreRefused(path: [String], value: Int64) throws {
        let input = try forged(path, .integer(value))
        #expect(code(input) == "range")
    }

    @Test func aForeignSeedIsRefused() throws {
        #expect(code(try forged(["seed"], .string(String(repeating: "a", count: 64)))) == "seed")
        #expect(code(try forged(["seed"], .string("short"))) == "seed")
        #expect(code(try forged(["microtask"], .string("0002/spam"))) == "seed")
        #expect(code(try forged(["round"], .integer(2))) == "seed")
    }

    @Test func anUnsortedListIsRefused() throws {
        let bids = Arena.input([Arena.bid("a", 60), Arena.bid("b", 50)]).bids
        let reversed = try CanonicalJSON.value(Array(bids.reversed()))
        #expect(code(try forged(["bids"], reversed)) == "order")
    }

    @Test func twoBidsOfOneModelAreRefused() {
        let a = Arena.bid("a", 60)
        let alias = Bid(model: "alias", digest: a.digest, confidence: 1, costStep: 1, latencyStep: 1)
        let namesake = Bid(model: "a", digest: Arena.digest("other"), confidence: 1, costStep: 1, latencyStep: 1)
        #expect(code(Arena.input([a, a])) == "duplicate")
        #expect(code(Arena.input([a, alias])) == "duplicate")
        #expect(code(Arena.input([a, namesake])) == "duplicate")
        #expect(code(Arena.input([a], late: [Arena.late("a", .late)])) == "duplicate")
        #expect(code(Arena.input([a], exclusions: [Arena.excluded("x"), Arena.excluded("x")])) == "duplicate")
        #expect(code(Arena.input([a], exclusions: [Arena.excluded("a")])) == nil)
    }

    @Test func oneNameInTwoFormsOfUnicodeIsOneName() {
        let (one, other) = (Arena.bid("caf\u{e9}", 60), Arena.bid("cafe\u{301}", 50))
        #expect(one.digest != other.digest && code(Arena.input([one, other])) == "duplicate")
        #expect(code(Arena.input([one, Arena.bid("cafe", 50)])) == nil)
    }

    @Test func anAttemptWithoutABidOfThisRoundIsRefused() {
        #expect(code(Arena.input([Arena.bid("a", 60)], prior: [Arena.prior("stranger")])) == "prior")
        #expect(code(Arena.input([Arena.bid("a", 60)], prior: [Arena.prior("a"), Arena.prior("a")])) == "duplicate")
    }

    @Test func aNameOfAnyLengthIsRefusedRatherThanRecorded() {
        #expect(code(Arena.input([Arena.bid(String(repeating: "x", count: 129), 60)])) == "range")
        #expect(code(Arena.input([Arena.bid(String(repeating: "x", count: 128), 60)])) == nil)
    }
}
