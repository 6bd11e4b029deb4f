// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import TransparencyLog

@Suite("Damage is found and named")
struct DamageTests {
    /// Runs `body` on a copy of the room and expects that verification says no with exit 4.
    private func expectDamage(
        _ room: Room, _ what: String, key: NoteVerifier? = nil, naming file: String? = nil,
        _ body: (_ copy: String) throws -> Void
    ) throws {
        let copy = room.path + "-copy"
        defer { Tree.remove(copy) }
        try Tree.copy(room.path, to: copy)
        // The positive control: the copy is sound before it is touched.
        _ = try LogVerification.verify(room: copy, key: key)
        try body(copy)
        do {
            _ = try LogVerification.verify(room: copy, key: key)
            Issue.record("not noticed: \(what)")
        } catch {
            #expect(error.exit == .unverified, "\(what): \(error)")
            if let file { #expect(error.message.contains(file), "\(what): \(error)") }
        }
    }

    /// Flips one bit of every byte of every file and expects each to be noticed.
    private func flipEveryByte(of path: String) throws -> Int {
        var flips = 0
        for file in try Tree.files(path) {
            let original = try Files.read("\(path)/\(file)")
            for offset in Self.places(in: original) {
                var bytes = original
                bytes[offset] ^= 1 << UInt8(offset % 8)
                try Tree.write(bytes, to: "\(path)/\(file)")
                do {
                    _ = try LogVerification.verify(room: path)
                    Issue.record("a flip of byte \(offset) of \(file) was not noticed")
                } catch {
                    if error.exit != .unverified { Issue.record("byte \(offset) of \(file): \(error)") }
                }
                flips += 1
            }
            try Tree.write(original, to: "\(path)/\(file)")
        }
        _ = try LogVerification.verify(room: path)
        return flips
    }

    /// Every byte, but of a long row of zeros, the unused space of a write-ahead file, only its edges and a few in between.
    private static func places(in bytes: [UInt8]) -> [Int] {
        guard bytes.count > 20_000 else { return Array(bytes.indices) }
        var places: [Int] = []
        var zeros = 0
        for offset in bytes.indices {
            zeros = bytes[offset] == 0 ? zeros + 1 : 0
            if zeros < 600 || offset % 1_499 == 0 || offset > bytes.count - 600 { places.append(offset) }
        }
        return places
    }

    @Test("A flip of any byte of a closed log")
    func everyByteClosed() throws {
        let room = try Room()
        try room.fill(4, batch: 2)
        #expect(try flipEveryByte(of: room.path) > 1_500)
    }

    @Test("A flip of any byte of a log that was not closed: its entries lie in the write-ahead file alone")
    func everyByteOpen() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        try room.append(3, batch: 2, to: log)
        let copy = room.path + "-open"
        defer { Tree.remove(copy) }
        try Tree.copy(room.path, to: copy)
        #expect(try LogVerification.verify(room: copy).size == 3)
        #expect(try flipEveryByte(of: copy) > 1_500)
        try log.close()
    }

    @Test("Every truncation of every file of a log, open or closed")
    func truncations() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        try room.append(2, batch: 1, to: log)
        try log.publish()
        try room.append(1, batch: 1, to: log)
        let copy = room.path + "-open"
        defer { Tree.remove(copy) }
        try Tree.copy(room.path, to: copy)
        for file in try Tree.files(copy) where file != "log-wal/lock" {
            let original = try Files.read("\(copy)/\(file)")
            for length in Self.places(in: original) {
                try Tree.write(Array(original.prefix(length)), to: "\(copy)/\(file)")
                do {
                    _ = try LogVerification.verify(room: copy)
                    Issue.record("\(file) cut to \(length) bytes was not noticed")
                } catch {
                    if error.exit != .unverified { Issue.record("\(file) cut to \(length) bytes: \(error)") }
                }
            }
            try Tree.write(original, to: "\(copy)/\(file)")
        }
        #expect(try LogVerification.verify(room: copy).size == 3)
    }

    @Test("Removed, swapped, added and older files")
    func files() throws {
        let room = try Room()
        try room.fill(600, batch: 50)
        for file in try Tree.files(room.path) where file != "log-wal/lock" {
            try expectDamage(room, "removed \(file)") { try Files.remove("\($0)/\(file)") }
        }
        try expectDamage(room, "swapped tiles", naming: "log/tile/0/00") { copy in
            let first = try Files.read("\(copy)/log/tile/0/000")
            try Tree.write(Files.read("\(copy)/log/tile/0/001"), to: "\(copy)/log/tile/0/000")
            try Tree.write(first, to: "\(copy)/log/tile/0/001")
        }
        try expectDamage(room, "swapped bundles", naming: "entry 0 in log/tile/entries/000") { copy in
            let first = try Files.read("\(copy)/log/tile/entries/000")
            try Tree.write(Files.read("\(copy)/log/tile/entries/001"), to: "\(copy)/log/tile/entries/000")
            try Tree.write(first, to: "\(copy)/log/tile/entries/001")
        }
        try expectDamage(room, "a stray file", naming: "log/tile/0/notes.txt") {
            try Tree.write([1], to: "\($0)/log/tile/0/notes.txt")
        }
        try expectDamage(room, "a tile too many", naming: "log/tile/0/007") {
            try Tree.write([UInt8](repeating: 0, count: 8_192), to: "\($0)/log/tile/0/007")
        }
        try expectDamage(room, "a wrong partial tile beside the full one", naming: "log/tile/0/000.p/3") {
            try Files.createDirectory("\($0)/log/tile/0/000.p")
            try Tree.write([UInt8](repeating: 7, count: 96), to: "\($0)/log/tile/0/000.p/3")
        }
        try expectDamage(room, "no log directory") { Tree.remove("\($0)/log") }
        try expectDamage(room, "no write-ahead directory") { Tree.remove("\($0)/log-wal") }
    }

    @Test("Damage names the entry and the file")
    func naming() throws {
        let room = try Room()
        try room.fill(300, batch: 300)
        let bundle = "log/tile/entries/001.p/44"
        try expectDamage(room, "a changed entry", naming: "entry 270 in \(bundle)") { copy in
            let bytes = try Files.read("\(copy)/\(bundle)")
            var entries = try #require(EntryBundle.decode(bytes))
            let text = String(decoding: entries[14], as: UTF8.self)
            entries[14] = Array(text.replacing("\"n\":270", with: "\"n\":271").utf8)
            #expect(entries[14] != Array(text.utf8))
            try Tree.write(EntryBundle.encode(entries), to: "\(copy)/\(bundle)")
        }
        // What it says of the entry before it does not make that one the altered one.
        try expectDamage(room, "a changed prev", naming: "entry 270 in \(bundle)") { copy in
            let bytes = try Files.read("\(copy)/\(bundle)")
            var entries = try #require(EntryBundle.decode(bytes))
            let prev = try LogEntry(bytes: entries[14]).prev.hex
            let text = String(decoding: entries[14], as: UTF8.self)
            entries[14] = Array(text.replacing(prev, with: String(prev.reversed())).utf8)
            #expect(entries[14] != Array(text.utf8))
            try Tree.write(EntryBundle.encode(entries), to: "\(copy)/\(bundle)")
        }
        try expectDamage(room, "a changed hash", naming: "entry 5 in log/tile/0/000") { copy in
            var bytes = try Files.read("\(copy)/log/tile/0/000")
            bytes[5 * 32] ^= 1
            try Tree.write(bytes, to: "\(copy)/log/tile/0/000")
        }
    }

    @Test("An older copy of either directory, and of both against an earlier checkpoint")
    func rollback() throws {
        let room = try Room()
        try room.fill(10)
        let old = room.path + "-old"
        defer { Tree.remove(old) }
        try Tree.copy(room.path, to: old)
        let log = try room.open()
        try room.append(5, to: log)
        try log.close()
        let head = try Checkpoint(note: log.checkpoint(), signedBy: room.verifier)
        try expectDamage(room, "an older log/", naming: "log/checkpoint") { copy in
            Tree.remove("\(copy)/log")
            try Tree.copy("\(old)/log", to: "\(copy)/log")
        }
        try expectDamage(room, "an older log-wal/", naming: "log-wal/") { copy in
            Tree.remove("\(copy)/log-wal")
            try Tree.copy("\(old)/log-wal", to: "\(copy)/log-wal")
        }
        // A whole older copy is sound in itself; only somebody who saw a later checkpoint can tell.
        #expect(try LogVerification.verify(room: old, key: room.verifier).size == 10)
        #expect(throws: LogError(.damaged, "", remedy: "")) {
            _ = try LogVerification.verify(room: old, key: room.verifier, earlier: head)
        }
        #expect(try LogVerification.verify(room: room.path, key: room.verifier, earlier: head).size == 15)
        let forged = Checkpoint(origin: head.origin, size: 10, root: MerkleTree.emptyRoot)
        #expect(throws: LogError(.damaged, "", remedy: "")) {
            _ = try LogVerification.verify(room: room.path, key: room.verifier, earlier: forged)
        }
    }

    @Test("Opening for appending refuses damage to what was acknowledged, and readers do not hand it out")
    func openRefuses() throws {
        let room = try Room()
        try room.fill(3, batch: 1)
        var log: TransparencyLog? = try room.open()
        if let log { try room.append(3, batch: 1, to: log) }
        let copy = room.path + "-copy"
        defer { Tree.remove(copy) }
        try Tree.copy(room.path, to: copy)
        try log?.close()
        log = nil
        let segment = try #require(try Tree.files(copy).first { $0.hasSuffix(".wal") })
        var bytes = try Files.read("\(copy)/\(segment)")
        let mark = bytes[8..<12].reduce(0) { $0 << 8 | Int($1) }
        bytes[mark - 300] ^= 1
        try Tree.write(bytes, to: "\(copy)/\(segment)")
        let refused = #expect(throws: LogError.self) {
            _ = try TransparencyLog.open(room: copy, signer: room.signer())
        }
        #expect(refused?.code == .damaged)
        #expect(refused?.exit == .unverified)
        #expect(refused?.message.contains(segment) == true)
        #expect(throws: LogError(.damaged, "", remedy: "")) { _ = try LogReader(room: copy) }

        let bundle = "\(room.path)/log/tile/entries/000.p/6"
        var published = try Files.read(bundle)
        published[40] ^= 1
        try Tree.write(published, to: bundle)
        let reader = try LogReader(room: room.path)
        #expect(throws: LogError(.damaged, "", remedy: "")) { _ = try reader.rawEntry(0) }
        #expect(try reader.entry(5).seq == 5)
    }
}
