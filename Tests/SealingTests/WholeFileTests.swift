// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Glibc
import Sealing
import Testing

@Suite struct WholeFileTests {
    private static let content = [UInt8](repeating: 7, count: 2_500_000)

    private func put(_ bytes: [UInt8], into path: String, commit: Bool, mode: UInt32 = 0o600) throws {
        let file = try WholeFile(path: path, mode: mode)
        try Files.write(bytes, to: file.descriptor, named: path)
        #expect(try file.digest() == Digest.sha256(bytes))
        if commit { try file.commit() }
    }

    @Test func aFileAppearsWithItsContentAndModeOnCommit() throws {
        let bench = try Workbench()
        try put(Self.content, into: bench.path("out"), commit: true)
        #expect(try bench.read("out") == Self.content)
        let mode = try FileManager.default.attributesOfItem(atPath: bench.path("out"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try Files.list(bench.directory) == ["out"])
    }

    @Test func nothingAppearsWithoutACommit() throws {
        let bench = try Workbench()
        try put(Self.content, into: bench.path("out"), commit: false)
        #expect(try Files.list(bench.directory).isEmpty)
    }

    @Test func anExistingFileIsReplacedOnCommitOnly() throws {
        let bench = try Workbench()
        try bench.write([1, 2, 3], "out")
        try put(Self.content, into: bench.path("out"), commit: false)
        #expect(try bench.read("out") == [1, 2, 3])
        try put(Self.content, into: bench.path("out"), commit: true)
        #expect(try bench.read("out") == Self.content)
        try put([], into: bench.path("out"), commit: true)
        #expect(try bench.read("out").isEmpty)
        #expect(try Files.list(bench.directory) == ["out"])
    }

    @Test func aPipeGetsEverythingOrNothing() throws {
        let bench = try Workbench()
        let pipe = bench.path("pipe")
        // SAFETY: the path is a NUL-terminated copy for the call.
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        // A reader that is there already, so that the writer need not wait for one.
        let reader = try Files.open(pipe, O_RDONLY | O_NONBLOCK)
        try put([9, 9], into: pipe, commit: false)
        #expect(try Files.read(reader.raw, named: "pipe", limit: 100).isEmpty)
        try put([9, 9], into: pipe, commit: true)
        #expect(try Files.read(reader.raw, named: "pipe", limit: 100) == [9, 9])
    }

    @Test func aTargetThatCannotBeIsRefusedBeforeAnythingIsWritten() throws {
        let bench = try Workbench()
        #expect(code { _ = try WholeFile(path: bench.directory, mode: 0o600) } == "io")
        #expect(code { _ = try WholeFile(path: bench.path("absent/out"), mode: 0o600) } == "io")
        #expect(code { try put([1], into: "/dev/full", commit: true) } == "io")
    }

    @Test func keyFilesAreNewAndPrivate() throws {
        let bench = try Workbench()
        let identity = try AgeIdentity.generate()
        let path = bench.path("id")
        try identity.write(to: path, created: WallTime(nanoseconds: 0))
        let before = try bench.read("id")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(code { try identity.write(to: path, created: WallTime(nanoseconds: 0)) } == "io")
        #expect(code { try SigningKey.generate(.ed25519).write(to: path) } == "io")
        #expect(try bench.read("id") == before)
        // Not through a link that somebody put there either.
        try FileManager.default.createSymbolicLink(atPath: bench.path("link"), withDestinationPath: bench.path("gone"))
        #expect(code { try SigningKey.generate(.ed25519).write(to: bench.path("link")) } == "io")
        #expect(try Files.list(bench.directory) == ["id", "link"])
    }
}
