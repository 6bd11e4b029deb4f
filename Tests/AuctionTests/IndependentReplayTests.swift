// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Testing

@testable import Auction

/// Awards computed again by `Tests/Independent/replay_auction.py`, which knows `docs/auction.md` and no Swift.
struct IndependentReplayTests {
    private func replay(_ records: [(name: String, bytes: [UInt8])]) throws -> (status: Int32, output: String) {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("atomic-auction-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for record in records { try Data(record.bytes).write(to: directory.appendingPathComponent(record.name)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", TestFiles.package + "/Tests/Independent/replay_auction.py"] + records.map(\.name)
        process.currentDirectoryURL = directory
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test func anotherLanguageComputesTheSameAwards() throws {
        var dice = Dice(9)
        var records: [(name: String, bytes: [UInt8])] = []
        for number in 0..<300 {
            var record = try AuctionRecord.hold(Arena.random(&dice))
            records.append(("\(number).json", try record.canonical()))
            if let next = try AuctionInput.takeover(after: record, code: "crashed", cost: Int64(dice.below(1_000))) {
                record = try AuctionRecord.hold(next)
                records.append(("\(number)-again.json", try record.canonical()))
            }
        }
        let (status, output) = try replay(records)
        #expect(status == 0, "\(output)")
        #expect(output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == records.count)
    }

    @Test func anotherLanguageComputesTheSameLearnedAwards() throws {
        var dice = Dice(19)
        var records: [(name: String, bytes: [UInt8])] = []
        for number in 0..<400 {
            let record = try AuctionRecord.hold(Arena.randomLearned(&dice))
            records.append(("\(number).json", try record.canonical()))
            if let next = try AuctionInput.takeover(after: record, code: "crashed", cost: Int64(dice.below(1_000))) {
                records.append(("\(number)-again.json", try AuctionRecord.hold(next).canonical()))
            }
        }
        let (status, output) = try replay(records)
        #expect(status == 0, "\(output.suffix(2_000))")
        #expect(output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == records.count)
    }

    @Test func itFindsAForgedAward() throws {
        let bytes = try AuctionRecord.hold(Arena.input([Arena.bid("a", 60), Arena.bid("b", 50)])).canonical()
        let text = String(decoding: bytes, as: UTF8.self)
        let winner = text.replacing("\"winner\":\"a\"", with: "\"winner\":\"b\"")
        #expect(winner != text)
        let (status, output) = try replay([("forged.json", Array(winner.utf8))])
        #expect(status == 1)
        #expect(output.contains("award.winner: stored b, computed a"))
    }
}
