// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Auction

struct ChainTests {
    /// Two microtasks; the winner of the first fails once.
    private func chain() throws -> [AuctionRecord] {
        let bids = [Arena.bid("a", 62), Arena.bid("b", 60)]
        let first = try AuctionRecord.hold(Arena.input(bids))
        let takeover = try #require(try AuctionInput.takeover(after: first, code: "crashed", cost: 40))
        let second = try AuctionRecord.hold(takeover)
        var next = Arena.input(bids, microtask: "0002/spam")
        next.sequence = 2
        next.previous = try second.digest()
        return [first, second, try AuctionRecord.hold(next)]
    }

    private func held(_ input: AuctionInput, _ change: (inout AuctionInput) -> Void) throws -> AuctionRecord {
        var input = input
        change(&input)
        return try AuctionRecord.hold(input)
    }

    @Test func theAuctionsOfAJobFormAChain() throws {
        let chain = try chain()
        #expect(try Auction.verifyChain(chain) == nil)
        #expect(try Auction.verifyChain(chain.reversed()) == nil)
        #expect(try Auction.verifyChain([]) == nil)
    }

    @Test func aMissingOrDoubledRecordIsFound() throws {
        let chain = try chain()
        #expect(try Auction.verifyChain([chain[0], chain[2]])?.what == "records before it are missing")
        #expect(try Auction.verifyChain([chain[1], chain[2]])?.sequence == 1)
        #expect(try Auction.verifyChain(chain + [chain[1]])?.what == "this number comes twice")
    }

    @Test func aReplacedRecordBreaksTheChain() throws {
        var chain = try chain()
        chain[0] = try held(chain[0].input) { $0.budgetRemaining += 1 }
        #expect(
            try Auction.verifyChain(chain)
                == ChainFault(
                    job: "job-1", sequence: 1, what: "it does not follow the auction before it"))
    }

    @Test func aTakeoverMustFollowFromAnAward() throws {
        let chain = try chain()
        for change: (inout AuctionInput) -> Void in [
            { $0.prior = [Arena.prior("b", cost: 40)] }, { $0.budgetRemaining += 41 }, { $0.attempt = 7 },
        ] {
            let forged = try held(chain[1].input, change)
            #expect(
                try Auction.verifyChain([chain[0], forged])?.what
                    == "the takeover does not follow from an award of this microtask")
        }
        let cheaper = try held(chain[1].input) { $0.budgetRemaining -= 5 }
        #expect(try Auction.verifyChain([chain[0], cheaper]) == nil)
    }
}
