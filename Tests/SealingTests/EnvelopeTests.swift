// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Sealing
import Testing

@Suite struct EnvelopeTests {
    @Test func theSignedBytesAreThoseOfTheSpecification() {
        // The example of protocol.md of secure-systems-lab/dsse.
        let bytes = Envelope.preAuthenticationEncoding(
            payloadType: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
        #expect(String(decoding: bytes, as: UTF8.self) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
        // Lengths are bytes, not characters.
        let wide = Envelope.preAuthenticationEncoding(payloadType: "é", payload: [])
        #expect(wide == Array("DSSEv1 2 é 0 ".utf8))
    }

    @Test func itCountsDistinctTrustedSignersOnly() throws {
        let a = try SigningKey.generate(.ed25519)
        let b = try SigningKey.generate(.p384)
        let stranger = try SigningKey.generate(.ed25519)
        var envelope = try Envelope.sign(payloadType: "text/plain", payload: [1, 2, 3], by: a)
        try envelope.addSignature(by: b)
        try envelope.addSignature(by: stranger)
        let trusted = [a.publicKey, b.publicKey]
        #expect(envelope.verified(by: trusted) == Set(trusted))
        #expect(envelope.verified(by: [a.publicKey]) == [a.publicKey])
        #expect(envelope.verified(by: [] as [PublicKey]).isEmpty)
        #expect(code { try envelope.addSignature(by: a) } == "signature")
        // A stranger's line is neutral to a threshold, but not to a file of ours.
        #expect(code { _ = try envelope.requireSignatures(3, by: trusted) } == "signature")
        #expect(try envelope.requireSignatures(3, by: trusted + [stranger.publicKey]).count == 3)
        #expect(code { _ = try envelope.requireSignatures(2, by: trusted + [stranger.publicKey]) } == "signature")
    }

    @Test func aSignatureDoesNotCarryOverToAnotherTypeOrPayload() throws {
        let key = try SigningKey.generate(.ed25519)
        let envelope = try Envelope.sign(payloadType: "a", payload: Array("b".utf8), by: key)
        let line = try #require(envelope.signatures.first)
        func with(_ type: String, _ payload: String) throws -> Envelope {
            try Envelope(
                canonical: Array(
                    #"{"payload":"\#(Base64.encode(Array(payload.utf8)))","payloadType":"\#(type)","signatures":[{"keyid":"\#(line.keyid)","sig":"\#(Base64.encode(line.sig))"}]}"#
                        .utf8))
        }
        #expect(try with("a", "b").verified(by: [key.publicKey]) == [key.publicKey])
        #expect(try with("a", "c").verified(by: [key.publicKey]).isEmpty)
        #expect(try with("c", "b").verified(by: [key.publicKey]).isEmpty)
    }

    @Test func everyFlippedByteOfAnEnvelopeIsRejected() throws {
        let key = try SigningKey.generate(.ed25519)
        let bytes = try Envelope.sign(payload: Array("{}".utf8), by: key).canonical()
        #expect(try Envelope(canonical: bytes).requireSignatures(1, by: [key.publicKey]) == [key.publicKey])
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= UInt8(1) << bit
                let error = code {
                    let envelope = try Envelope(canonical: damaged)
                    _ = try envelope.requireSignatures(1, by: [key.publicKey])
                }
                #expect(error == "envelope" || error == "signature", "byte \(index) bit \(bit)")
            }
        }
    }

    @Test func otherLayoutsAreReadOnlyWhereAskedFor() throws {
        let key = try SigningKey.generate(.ed25519)
        let line = try #require(Envelope.sign(payload: [1], by: key).signatures.first)
        let text = """
            { "payloadType": "application/vnd.in-toto+json", "payload": "AQ==",
              "signatures": [ { "sig": "\(Base64.encode(line.sig))", "keyid": "\(line.keyid)" } ] }
            """
        #expect(code { _ = try Envelope(canonical: Array(text.utf8)) } == "envelope")
        #expect(try Envelope(anyLayout: Array(text.utf8)).verified(by: [key.publicKey]) == [key.publicKey])
        let stranger = text.replacingOccurrences(of: "\"payload\"", with: "\"extra\": 1, \"payload\"")
        #expect(code { _ = try Envelope(anyLayout: Array(stranger.utf8)) } == "envelope")
    }

    @Test(
        .enabled(if: installed("/usr/bin/openssl"), "needs the openssl command"),
        arguments: PublicKey.Algorithm.allCases)
    func opensslVerifiesTheSignatureOverTheSameBytes(_ algorithm: PublicKey.Algorithm) throws {
        let bench = try Workbench()
        let key = try SigningKey.generate(algorithm)
        let envelope = try Envelope.sign(payload: Array(#"{"a":1}"#.utf8), by: key)
        try bench.write(Array("DSSEv1 28 application/vnd.in-toto+json 7 {\"a\":1}".utf8), "message")
        let sig = try #require(envelope.signatures.first?.sig)
        try bench.write(sig, "sig")
        try bench.write(key.publicKey.spki, "pub.der")
        let check =
            algorithm == .ed25519
            ? [
                "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", bench.path("pub.der"), "-rawin", "-in",
                bench.path("message"), "-sigfile", bench.path("sig"),
            ]
            : [
                "dgst", "-sha384", "-keyform", "DER", "-verify", bench.path("pub.der"), "-signature", bench.path("sig"),
                bench.path("message"),
            ]
        #expect(try bench.run("/usr/bin/openssl", check).status == 0)
        try bench.write(Array("DSSEv1 28 application/vnd.in-toto+json 7 {\"a\":2}".utf8), "message")
        #expect(try bench.run("/usr/bin/openssl", check).status != 0)
    }
}
