// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Attestation
import AuditBundle
import Sealing
import Testing
import TransparencyLog

@Suite("Writing bundles") struct BundleWriterTests {
    @Test("the room writes, byte for byte, the bundle that the independent generator wrote") func equalBytes() throws {
        let room = try RoomOnDisk()
        let bytes = try BundleWriter.encode(
            log: room.log, room: room.statement, sources: room.sources, key: VectorKeys.signing("room statement"))
        let good = try BundleVectors().good
        #expect(try CanonicalArchive.decode(bytes).map(\.name) == CanonicalArchive.decode(good).map(\.name))
        #expect(bytes == good)
    }

    @Test("writing puts exactly these bytes on disk") func onDisk() throws {
        let room = try RoomOnDisk()
        let path = room.directory.path + "/out.atomic"
        let digest = try BundleWriter.write(
            to: path, log: room.log, room: room.statement, sources: room.sources,
            key: VectorKeys.signing("room statement"))
        #expect(Digest.sha256(try Files.read(path)) == digest)
        #expect(try Files.read(path) == BundleVectors().good)
    }

    @Test("a range may begin after the policy was accepted and end within a job, but not begin within one")
    func ranges() throws {
        let room = try RoomOnDisk()
        let trust = try BundleVectors().trust
        func report(_ range: Range<UInt64>) throws -> BundleReport {
            let bytes = try BundleWriter.encode(
                log: room.log, range: range, room: room.statement, sources: room.sources,
                key: VectorKeys.signing("room statement"))
            return BundleVerifier.verify(bundle: bytes, trust: trust)
        }
        let late = try report(6..<room.log.size)
        #expect(late.verified, "\(late.failure?.reason ?? "")")
        #expect(try report(0..<6).verified)
        let early = try report(0..<20)
        #expect(early.verified, "\(early.failure?.reason ?? "")")
        #expect(early.claims.contains { $0.says.contains("1 without an end yet") })
        #expect(try report(10..<room.log.size).failure?.claim == "auction")
    }

    @Test("what the room no longer has stops the bundle, by the claim that it would have supported") func missing()
        throws
    {
        let room = try RoomOnDisk()
        let whole = room.sources
        for (code, sources) in [
            (BundleError.Code.record, BundleSources(blob: { _ in nil }, policy: whole.policy, model: whole.model)),
            (.policy, BundleSources(blob: whole.blob, policy: { _ in nil }, model: whole.model)),
            (.model, BundleSources(blob: whole.blob, policy: whole.policy, model: { _ in nil })),
            (
                .record,
                BundleSources(blob: { try whole.blob($0).map { $0 + [0] } }, policy: whole.policy, model: whole.model)
            ),
        ] {
            let error = #expect(throws: BundleError.self) {
                try BundleWriter.encode(
                    log: room.log, room: room.statement, sources: sources, key: VectorKeys.signing("room statement"))
            }
            #expect(error?.code == code)
        }
    }

    @Test("a room cannot sign with a key that its statement does not name") func otherKey() throws {
        let room = try RoomOnDisk()
        let error = #expect(throws: BundleError.self) {
            try BundleWriter.encode(
                log: room.log, room: room.statement, sources: room.sources, key: VectorKeys.signing("stranger"))
        }
        #expect(error?.code == .attestation)
        #expect(error?.exit == .usage)
    }

    @Test("ranges outside the log are refused") func outside() throws {
        let room = try RoomOnDisk()
        for range in [0..<0, 0..<room.log.size + 1] {
            let error = #expect(throws: BundleError.self) {
                try BundleWriter.encode(
                    log: room.log, range: range, room: room.statement, sources: room.sources,
                    key: VectorKeys.signing("room statement"))
            }
            #expect(error?.code == .log)
        }
    }
}
