// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// The launcher's socket is an attack surface: whatever comes, it answers with an error and goes on working.
@Suite struct ProtocolTests {
    private final class Raw {
        let process: LauncherProcess
        init(_ process: consuming LauncherProcess) { self.process = process }

        /// The errno of the answer; `nil` when the launcher is gone.
        func send(_ bytes: [UInt8], _ descriptors: [Int32] = []) throws -> (errno: Int32, stage: String)? {
            try DescriptorSocket.send(bytes, descriptors: descriptors, over: process.socket.raw)
            let (answer, received) = try DescriptorSocket.receive(from: process.socket.raw, limit: 512)
            for descriptor in received { close(descriptor) }
            return LauncherReply(answer).map { ($0.errno, $0.stage) }
        }
    }

    private func raw() throws -> Raw {
        let process = try LauncherProcess.start(
            executable: Fixture.shared.get().launcher, arguments: ["--binds", "caller"])
        let (hello, _) = try DescriptorSocket.receive(from: process.socket.raw, limit: 512)
        #expect(LauncherReply(hello)?.errno == 0)
        return Raw(process)
    }

    private func launchMessage() throws -> [UInt8] {
        let fixture = try Fixture.shared.get()
        var spec = try fixture.spec(["status"])
        spec.environment = ["A": "1"]
        return try LauncherMessage.launch(spec, channel: false).bytes
    }

    private func filter() throws -> MemoryFile {
        try MemoryFile.sealed(name: "filter", Fixture.profile("strict").compile())
    }

    private func nothing() throws -> Int32 { try Files.open("/dev/null", O_RDWR).release() }

    /// A message whose length field fits its length.
    private func relength(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 12 else { return bytes }
        var bytes = bytes
        for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
        return bytes
    }

    @Test func everyTruncationAndEveryExtraByteIsRefused() throws {
        let raw = try raw()
        let whole = try launchMessage()
        let filter = try filter()
        let empty = try nothing()
        defer { close(empty) }
        let descriptors = [filter.descriptor.raw, empty, empty, empty]
        for length in 1..<whole.count {
            let answer = try #require(try raw.send(relength(Array(whole[..<length])), descriptors))
            #expect(answer.errno == EBADMSG && answer.stage == "request", "a message cut at \(length) was accepted")
        }
        #expect(try raw.send(relength(whole + [0]), descriptors)?.errno == EBADMSG)
        #expect(try raw.send(whole + [0], descriptors)?.errno == EBADMSG)
        // Control: the whole message is a jail.
        #expect(try raw.send(whole, descriptors)?.errno == 0)
    }

    @Test func wrongDescriptorsAreRefused() throws {
        let raw = try raw()
        let whole = try launchMessage()
        let filter = try filter()
        let empty = try nothing()
        defer { close(empty) }
        #expect(try raw.send(whole)?.errno == EBADMSG)
        #expect(try raw.send(whole, [filter.descriptor.raw, empty, empty])?.errno == EBADMSG)
        #expect(try raw.send(whole, [filter.descriptor.raw, empty, empty, empty, empty])?.errno == EBADMSG)
        #expect(try raw.send(whole, Array(repeating: empty, count: 9))?.errno == EBADMSG)
        // A filter that somebody could still change, and things that are no filter.
        let loose = try MemoryFile(name: "loose")
        try Files.write(Fixture.profile("strict").compile(), to: loose.descriptor.raw, named: "loose")
        #expect(try raw.send(whole, [loose.descriptor.raw, empty, empty, empty])?.stage == "filter")
        #expect(try raw.send(whole, [empty, empty, empty, empty])?.stage == "filter")
        for bytes in [[], [1, 2, 3], [UInt8](repeating: 0, count: 8 * 5000)] {
            let odd = try MemoryFile.sealed(name: "odd", bytes)
            #expect(try raw.send(whole, [odd.descriptor.raw, empty, empty, empty])?.stage == "filter")
        }
        // Sealed, of the right length, and not a program that the kernel accepts.
        let nonsense = try MemoryFile.sealed(name: "nonsense", [UInt8](repeating: 0xff, count: 64))
        #expect(try raw.send(whole, [nonsense.descriptor.raw, empty, empty, empty])?.stage == "filter")
        #expect(try raw.send(whole, [filter.descriptor.raw, empty, empty, empty])?.errno == 0)
    }

    @Test func flippedBytesNeverEndTheLauncher() throws {
        let raw = try raw()
        let whole = try launchMessage()
        let filter = try filter()
        let empty = try nothing()
        defer { close(empty) }
        let descriptors = [filter.descriptor.raw, empty, empty, empty]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            #expect(try raw.send(bytes, descriptors) != nil)
        }
        for _ in 0..<300 {
            let count = Int.random(in: 1...4000, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(try raw.send(bytes)?.errno == EBADMSG)
        }
        #expect(try raw.send(whole, descriptors)?.errno == 0)
    }

    @Test func oversizeMessageIsRefused() throws {
        let raw = try raw()
        let big = [UInt8](repeating: 0x41, count: LauncherMessage.maximumBytes + 1000)
        #expect(try raw.send(big)?.errno == EBADMSG)
        #expect(try raw.send(launchMessage())?.errno == EBADMSG)
    }

    @Test func imageRequestsAreChecked() throws {
        let raw = try raw()
        for kind in [LauncherMessage.Kind.seal, .drop] {
            var message = LauncherMessage(kind)
            message.append(UInt64(77))
            #expect(try raw.send(message.bytes)?.errno == ENOENT)
        }
        var twice = LauncherMessage(.stage)
        twice.append(UInt64(1 << 20))
        twice.append(UInt64(10))
        twice.append(UInt64(10))
        #expect(try raw.send(twice.bytes)?.errno == EBADMSG)
    }
}
