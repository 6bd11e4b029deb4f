// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

/// What the vectors cannot say: labels that we make, and the two other ways in which a label names room and owner.
@Suite struct LabelTests {
    private let ciphertext = Digest.sha256(Array("ciphertext".utf8))
    private let now = WallTime(nanoseconds: 1_700_000_000_000_000_000)

    private func predicate(
        owner: String = "desk", room: String = "room", purposes: [String] = ["b", "a", "b"], retention: String = "30d",
        serial: Int64 = 1, salt: String = Label.newSalt(), lifetime: Int64 = 60_000_000_000
    ) -> LabelPredicate {
        LabelPredicate(
            class: "pii", purposes: purposes, owner: owner, serial: serial, room: room, notBefore: now,
            expires: WallTime(nanoseconds: now.nanoseconds + lifetime), retention: retention, salt: salt)
    }

    @Test(arguments: PublicKey.Algorithm.allCases)
    func aLabelThatWeMakeHolds(_ algorithm: PublicKey.Algorithm) throws {
        let key = try SigningKey.generate(algorithm)
        let file = try Label.sign(predicate(), ciphertext: ciphertext, name: "a.age", by: key)
        let label = try Label.check(
            file: file, ciphertext: ciphertext, room: "room", owners: ["desk": key.publicKey], now: now,
            highestSerial: 1)
        #expect(label.owner == "desk")
        #expect(label.key == key.publicKey)
        #expect(label.purposes == ["a", "b"])
        #expect(label.predicate == predicate(salt: label.predicate.salt))
    }

    @Test func everyFlippedBitOfALabelIsRejected() throws {
        let key = try SigningKey.generate(.ed25519)
        let file = try Label.sign(predicate(), ciphertext: ciphertext, name: "a.age", by: key)
        for index in file.indices {
            var damaged = file
            damaged[index] ^= UInt8(1) << (index % 8)
            let found = code {
                _ = try Label.check(
                    file: damaged, ciphertext: ciphertext, room: "room", owners: ["desk": key.publicKey], now: now,
                    highestSerial: nil)
            }
            #expect(found != nil, "byte \(index)")
        }
    }

    @Test func anOwnerMayBeNamedByTheKeyID() throws {
        let signer = try SigningKey.generate(.ed25519)
        let other = try SigningKey.generate(.p384).publicKey
        let named = predicate(owner: signer.publicKey.keyID)
        let file = try Label.sign(named, ciphertext: ciphertext, name: "a.age", by: signer)
        func owner(in owners: [String: PublicKey]) throws -> String {
            try Label.check(
                file: file, ciphertext: ciphertext, room: "room", owners: owners, now: now, highestSerial: nil
            ).owner
        }
        #expect(try owner(in: ["desk": signer.publicKey, "lab": other]) == "desk")
        #expect(code { _ = try owner(in: ["lab": other]) } == "label-owner")
        // An id that looks like somebody's key id does not make him the owner.
        #expect(code { _ = try owner(in: [signer.publicKey.keyID: other]) } == "label-owner")
    }

    @Test func aRoomMayBeNamedByItsRecipient() throws {
        let key = try SigningKey.generate(.ed25519)
        let recipient = try AgeIdentity.generate().recipient
        let other = try AgeIdentity.generate().recipient
        let file = try Label.sign(
            predicate(room: recipient.string), ciphertext: ciphertext, name: "a.age", by: key)
        func check(_ recipient: AgeRecipient?) throws {
            _ = try Label.check(
                file: file, ciphertext: ciphertext, room: "room", recipient: recipient,
                owners: ["desk": key.publicKey], now: now, highestSerial: nil)
        }
        try check(recipient)
        #expect(code { try check(other) } == "label-room")
        #expect(code { try check(nil) } == "label-room")
    }

    @Test func whatIsNoLabelIsNotSigned() throws {
        let key = try SigningKey.generate(.ed25519)
        for bad in [
            predicate(owner: ""), predicate(room: ""), predicate(purposes: []), predicate(purposes: [""]),
            predicate(retention: "for ever"), predicate(serial: -1), predicate(salt: "AAAA"), predicate(lifetime: 0),
        ] {
            #expect(code { _ = try Label.sign(bad, ciphertext: ciphertext, name: "a", by: key) } == "statement")
        }
    }
}
