// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing
import TransparencyLog

@Suite("Static resources of a log")
struct StaticResourceTests {
    @Test("every file of a real log is a resource under its own name, with the type and the cache policy of the format")
    func files() throws {
        let room = try Room()
        try room.fill(600, batch: 60)
        let files = try Tree.files(room.path + "/log")
        #expect(files.count >= 7)
        for file in files {
            let resource = try #require(StaticResource(requestPath: file), "\(file)")
            #expect(resource.path == file)
            if file == "checkpoint" {
                #expect(resource == .checkpoint)
                #expect(resource.contentType == "text/plain; charset=utf-8")
                #expect(resource.cacheControl == "no-cache")
            } else {
                #expect(resource.contentType == "application/octet-stream")
                #expect(resource.cacheControl == "max-age=31536000, immutable")
            }
        }
    }

    /// Those of the format's text, and the largest that can be written.
    @Test(
        "names that the format allows",
        arguments: [
            "tile/0/x001/x234/067", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/63/000",
            "tile/entries/x001/x234/067.p/255", "tile/entries/000", "tile/0/x018/x446/x744/x073/x709/x551/615",
        ])
    func allowed(path: String) throws {
        #expect(try #require(StaticResource(requestPath: path)).path == path)
    }

    @Test(
        "whatever is spelled otherwise names nothing",
        arguments: [
            "", "/", ".", "..", "/checkpoint", "checkpoint/", "Checkpoint", "checkpoint.txt", "checkpoint?",
            "log/checkpoint",
            "../log-wal/lock", "../room.yaml", "tile", "tile/", "tile/0", "tile/0/", "tile/0/..", "tile/0/../0/000",
            "tile/../keys/log.pem", "tile//0/000", "tile/0//000", "tile/0/000/", "/tile/0/000", "./tile/0/000",
            "tile/./0/000",
            "tile/0/%30%30%30", "tile/0/%2e%2e", "tile/0/000%2ep/1", " tile/0/000",
            "tile\\0\\000",
            // Levels.
            "tile/00/000", "tile/01/000", "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/x/000", "tile/data/000",
            "tile/Entries/000",
            // Numbers.
            "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1234", "tile/0/x000/001", "tile/0/x000/x000/001",
            "tile/0/001/067",
            "tile/0/x001/0x2", "tile/0/x001/x067", "tile/0/X001/067", "tile/0/+01", "tile/0/-01", "tile/0/ 01",
            "tile/0/٠٠١",
            "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            // Widths.
            "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/257",
            "tile/0/000.p/01", "tile/0/000.p/+1",
            "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/0/000.p/1/1", "tile/0/000.p/1.p/1", "tile/0/000/1",
            "tile/0/000.P/1",
            "tile/0/x001.p/067.p/1", "tile/0/.p/1", "tile/entries/000.p/256", "tile/entries/000.p/00",
        ])
    func refused(path: String) {
        #expect(StaticResource(requestPath: path) == nil, "\(path)")
    }

    @Test("and no control character is overlooked")
    func control() {
        for path in ["checkpoint", "tile/0/000", "tile/entries/000.p/1"] {
            #expect(StaticResource(requestPath: path) != nil)
            for strange in ["\u{0}", "\n", "\r", "\t", " ", "?x", "#x", ";"] {
                #expect(StaticResource(requestPath: path + strange) == nil)
                #expect(StaticResource(requestPath: strange + path) == nil)
            }
        }
    }
}
