// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import TransparencyLog

/// The log against `Tests/Independent/check_log.py`, which shares no code with it.
@Suite("The independent checker")
struct CheckerTests {
    @Test("accepts good logs, as rooms and as static copies", arguments: [0, 1, 255, 256, 257, 600])
    func accepts(size: Int) throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        try room.append(size, batch: 60, to: log)
        let open = try Checker.run([room.path, "--vkey", room.verifier.vkey])
        #expect(open.status == 0, "\(open.output)")
        #expect(open.output.contains("\"size\": \(size)"))
        try log.close()
        let closed = try Checker.run([room.path])
        #expect(closed.status == 0, "\(closed.output)")
        let root = Base64.encode(try Checkpoint(note: log.checkpoint(), signedBy: room.verifier).root.bytes)
        #expect(closed.output.contains(root))
        let tiles = try Checker.run(["--tiles", room.path + "/log", "--vkey", room.verifier.vkey])
        #expect(tiles.status == 0, "\(tiles.output)")
        #expect(tiles.output.contains("\"published\": \(size)"))
    }

    @Test("rejects the key of another log")
    func otherKey() throws {
        let room = try Room()
        try room.fill(3)
        let stranger = try Room()
        #expect(try Checker.run([room.path, "--vkey", stranger.verifier.vkey]).status == 4)
    }

    @Test("rejects damage anywhere: a sample of flipped bytes in every file, and files removed")
    func rejects() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        try room.append(5, batch: 2, to: log)
        try log.publish()
        try room.append(2, batch: 2, to: log)
        let copy = room.path + "-copy"
        defer { Tree.remove(copy) }
        try Tree.copy(room.path, to: copy)
        #expect(try Checker.run([copy]).status == 0)
        for file in try Tree.files(copy) where file != "log-wal/lock" {
            let original = try Files.read("\(copy)/\(file)")
            for offset in stride(from: 0, to: original.count, by: max(1, original.count / 9)) {
                var bytes = original
                bytes[offset] ^= 0x01
                try Tree.write(bytes, to: "\(copy)/\(file)")
                let result = try Checker.run([copy])
                #expect(result.status == 4, "byte \(offset) of \(file): \(result.output)")
            }
            try Files.remove("\(copy)/\(file)")
            #expect(try Checker.run([copy]).status == 4, "\(file) removed")
            try Tree.write(original, to: "\(copy)/\(file)")
        }
        #expect(try Checker.run([copy]).status == 0)
    }
}
