// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

/// The golden vectors of this room, whose makers share no code with it.
@Suite struct VectorTests {
    @Test(arguments: [
        "age/good", "age/chunks", "age/header", "age/payload", "age/armor", "age/identity", "age/recipient", "dsse/pae",
        "dsse/envelope", "label/label", "digest-and-keys/public", "digest-and-keys/private",
        "digest-and-keys/signature",
    ])
    func everyFileOfThisRoomIsThere(_ path: String) {
        #expect(Vector.load(path).count > 3)
    }

    @Test(
        arguments: ["age/good", "age/chunks", "age/header", "age/payload", "age/armor"].flatMap(Vector.load))
    func ageFiles(_ vector: Vector) throws {
        let identity = try AgeIdentity(file: Array(try vector.text("identity").utf8))
        let file = try vector.bytes("file")
        var payload: [UInt8]?
        let found = code { payload = plain(try Age.decrypt(file, identity: identity)) } ?? "ok"
        #expect(found == vector.expect)
        if vector.expect == "ok" {
            #expect(try payload.map { Digest.sha256($0).description } == vector.text("payload"))
        }
    }

    @Test(arguments: Vector.load("age/identity"))
    func ageIdentities(_ vector: Vector) throws {
        var recipients: [String] = []
        let found =
            code {
                let identity = try AgeIdentity(file: Array(try vector.text("file").utf8))
                recipients = identity.recipients.map(\.string)
            } ?? "ok"
        #expect(found == vector.expect)
        if vector.expect == "ok" { #expect(try recipients == [vector.text("recipient")]) }
    }

    @Test(arguments: Vector.load("age/recipient"))
    func ageRecipients(_ vector: Vector) throws {
        var string = ""
        let found = code { string = try AgeRecipient(vector.text("text")).string } ?? "ok"
        #expect(found == vector.expect)
        if vector.expect == "ok" { #expect(try string == vector.text("text")) }
    }

    @Test(arguments: Vector.load("dsse/pae"))
    func preAuthenticationEncodings(_ vector: Vector) throws {
        let bytes = Envelope.preAuthenticationEncoding(
            payloadType: try vector.text("payloadType"), payload: try vector.bytes("payload"))
        #expect(try bytes == vector.bytes("pae"))
    }

    @Test(arguments: Vector.load("dsse/envelope"))
    func envelopes(_ vector: Vector) throws {
        let keys = try vector.strings("keys").map { try PublicKey($0) }
        var signers: [String] = []
        let found =
            code {
                let envelope = try Envelope(canonical: vector.bytes("envelope"))
                signers = envelope.verified(by: keys).map(\.description).sorted()
            } ?? "ok"
        #expect(found == vector.expect)
        if vector.expect == "ok" { #expect(try signers == vector.strings("signers").sorted()) }
    }

    @Test(arguments: Vector.load("digest-and-keys/public"))
    func publicKeys(_ vector: Vector) throws {
        var key: PublicKey?
        let found = code { key = try PublicKey(vector.text("text")) } ?? "ok"
        #expect(found == vector.expect)
        if vector.expect == "ok" {
            #expect(try key?.keyID == vector.text("keyid"))
            #expect(try key?.description == vector.text("text"))
            if let raw = vector["raw"]?.stringValue { #expect(key?.rawEd25519.map { Base64.encode($0) } == raw) }
        }
    }

    @Test(arguments: Vector.load("digest-and-keys/private"))
    func privateKeys(_ vector: Vector) throws {
        var key: String?
        let found = code { key = try SigningKey(pem: Array(vector.text("pem").utf8)).publicKey.description } ?? "ok"
        #expect(found == vector.expect)
        if vector.expect == "ok" { #expect(try key == vector.text("public")) }
    }

    @Test(arguments: Vector.load("digest-and-keys/signature"))
    func signatures(_ vector: Vector) throws {
        let good = try PublicKey(vector.text("key")).verify(vector.bytes("signature"), of: vector.bytes("message"))
        #expect(good == (vector.expect == "ok"))
    }

    @Test(arguments: Vector.load("label/label"))
    func labels(_ vector: Vector) throws {
        let owners = try #require(vector["owners"]?.objectValue).mapValues { value in
            try PublicKey(try #require(value.stringValue))
        }
        let now = WallTime(rfc3339: try vector.text("now"))
        let ciphertext = Digest(string: try vector.text("ciphertext"))
        var label: VerifiedLabel?
        let (time, digest) = (try #require(now), try #require(ciphertext))
        let found =
            code {
                label = try Label.check(
                    file: vector.bytes("file"), ciphertext: digest, room: vector.text("room"), owners: owners,
                    now: time, highestSerial: vector["highestSerial"]?.integerValue)
            } ?? "ok"
        #expect(found == vector.expect)
        if vector.expect == "ok" {
            #expect(try CanonicalJSON.value(try #require(label).predicate) == vector["predicate"])
        }
    }
}
