// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TransparencyLog

@Suite("The space behind the batches of a write-ahead file")
struct SpaceTests {
    /// A write-ahead file as a writer makes it, before and after each batch; the log is still open.
    private func states(_ sizes: [Int]) throws -> (room: Room, log: TransparencyLog, states: [[UInt8]], path: String) {
        let room = try Room()
        try room.create()
        let log = try room.open()
        let path = room.path + "/log-wal/00000001.wal"
        var states = [try Files.read(path)]
        var next = 0
        for size in sizes {
            _ = try log.append((0..<size).map { Draft.numbered(next + $0) })
            next += size
            states.append(try Files.read(path))
        }
        return (room, log, states, path)
    }

    private func stray(_ bytes: [UInt8]) throws -> Int? {
        let segment = try WriteAheadSegment(bytes: bytes, file: "log-wal/1")
        return segment.strayByte(next: segment.frames.last?.range.upperBound ?? 0)
    }

    @Test("A small batch makes space, the next ones use it, and a large one needs none")
    func sizes() throws {
        let (_, _, states, _) = try states([1, 1, 3, 400, 1])
        #expect(states[0].count < 1_000)
        #expect(states[1].count > 64 << 10 && states[1].count < 66 << 10)
        #expect(states[2].count == states[1].count && states[3].count == states[1].count)
        #expect(states[4].count > states[3].count)
        #expect(states[5].count > states[4].count + (64 << 10))
        for state in states { #expect(try stray(state) == nil) }
    }

    @Test("A changed byte in the space is found, and so is a file that was cut")
    func damage() throws {
        // Of an empty log too, whose next batch has a head that is nearly all zeros.
        let (_, _, states, _) = try states([1, 2])
        for bytes in [states[0], states[2]] { try damage(bytes) }
    }

    private func damage(_ bytes: [UInt8]) throws {
        let end = try WriteAheadSegment(bytes: bytes, file: "log-wal/1").end
        var places = Array(end..<min(end + 600, bytes.count)) + Array(max(end, bytes.count - 600)..<bytes.count)
        places += stride(from: end, to: bytes.count, by: 1_331)
        for place in places {
            for change: UInt8 in [1, 0xff] {
                var changed = bytes
                changed[place] ^= change
                #expect(try stray(changed) != nil, "byte \(place) is not what it was")
            }
            #expect(try stray(Array(bytes[..<place])) != nil, "cut to \(place)")
        }
    }

    @Test("Whatever sectors of a batch a crash leaves, nobody has been there")
    func torn() throws {
        let (room, log, states, path) = try states([1, 2, 5, 150, 30, 1, 400, 2, 190, 1])
        var dice = SystemRandomNumberGenerator()
        for (before, after) in zip(states, states.dropFirst()) {
            for _ in 0..<12 {
                var bytes = before
                // The mark is written later, and on its own.
                let changed = stride(from: 0, to: after.count, by: 512).map { $0..<min($0 + 512, after.count) }
                for sector in changed where Bool.random(using: &dice) {
                    if bytes.count < sector.upperBound {
                        bytes += repeatElement(0, count: sector.upperBound - bytes.count)
                    }
                    bytes.replaceSubrange(sector, with: after[sector])
                }
                bytes.replaceSubrange(8..<16, with: before[8..<16])
                #expect(try stray(bytes) == nil)
                // And it opens: as it was before the batch, or with it.
                try Tree.write(bytes, to: path)
                _ = try LogReader(room: room.path)
            }
        }
        try Tree.write(try #require(states.last), to: path)
        try log.close()
    }

    @Test("A room of the version before, whose files have no space, opens and goes on")
    func earlier() throws {
        let (room, log, states, path) = try states([1, 3, 2])
        let segment = try WriteAheadSegment(bytes: states[3], file: "log-wal/1")
        var old = Array("atomwal1".utf8) + [UInt8](repeating: 0, count: 8)
        old.appendPrefixed(Array(segment.vkey.utf8))
        old.appendPrefixed(segment.base)
        for frame in segment.frames {
            // Without what fills it up.
            let length = 4 + states[3][frame.place].prefix(4).reduce(0) { $0 << 8 | Int($1) }
            old += states[3][frame.place].prefix(length)
        }
        old.replaceSubrange(8..<16, with: WriteAheadSegment.markBytes(old.count))
        let copy = room.path + "-old"
        defer { Tree.remove(copy) }
        try Tree.copy(room.path, to: copy)
        try log.close()
        let file = copy + path.dropFirst(room.path.count)
        try Tree.write(old, to: file)
        #expect(try LogVerification.verify(room: copy).size == 6)
        #expect(try Checker.run([copy, "--vkey", room.verifier.vkey]).status == 0)
        try Tree.write(Array(old.dropLast(40)), to: file)
        #expect(throws: LogError(.damaged, "", remedy: "")) { _ = try LogVerification.verify(room: copy) }
        try Tree.write(old, to: file)
        let again = try TransparencyLog.open(room: copy, signer: room.signer())
        #expect(try again.append([Draft.numbered(6)]) == 6..<7)
        try again.close()
        #expect(try LogVerification.verify(room: copy).size == 7)
        #expect(!Files.exists(file), "the file of the version before has been replaced")
    }
}
