// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Sealing
import Testing

@Suite struct AgeFormatTests {
    private static let message = Array("the quick brown fox".utf8)

    @Test(arguments: [false, true])
    func everyFlippedBitOfASmallFileIsRejected(_ armor: Bool) throws {
        let identity = try AgeIdentity.generate()
        let file = try Age.encrypt(Self.message, recipients: [identity.recipient], armor: armor)
        #expect(plain(try Age.decrypt(file, identity: identity)) == Self.message)
        let codes: Set<String> =
            armor ? ["armor", "header", "hmac", "no-match", "payload"] : ["header", "hmac", "no-match", "payload"]
        for index in file.indices {
            for bit in 0..<8 {
                var damaged = file
                damaged[index] ^= UInt8(1) << bit
                let found = code { _ = try Age.decrypt(damaged, identity: identity) }
                // The one malleable place: white space after the END line, which the format tolerates.
                if armor, index == file.count - 1, found == nil {
                    #expect([0x0b, 0x08, 0x0e, 0x02, 0x1a, 0x2a, 0x4a, 0x8a].contains(damaged[index]))
                    continue
                }
                #expect(found.map(codes.contains) == true, "byte \(index) bit \(bit): \(found ?? "accepted")")
            }
        }
    }

    @Test(arguments: [false, true])
    func everyTruncationAndEveryExtensionIsRejected(_ armor: Bool) throws {
        let identity = try AgeIdentity.generate()
        let file = try Age.encrypt(Self.message, recipients: [identity.recipient], armor: armor)
        // Without its last line feed an armored file is whole.
        for count in 0..<(armor ? file.count - 1 : file.count) {
            #expect(code { _ = try Age.decrypt(Array(file.prefix(count)), identity: identity) } != nil, "\(count)")
        }
        for byte in [UInt8(0), 0x41, 0x2d] {
            let error = code { _ = try Age.decrypt(file + [byte], identity: identity) }
            #expect(error == (armor ? "armor" : "payload"))
        }
    }

    @Test func chunksCannotBeMovedRepeatedOrLeftOut() throws {
        let identity = try AgeIdentity.generate()
        let size = 3 * 65_536 + 5
        // SAFETY: all `size` bytes of the capacity asked for are written before they count.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            for index in 0..<size { unsafe buffer[index] = UInt8(truncatingIfNeeded: index / 65_536) }
            count = size
        }
        let file = try Age.encrypt(bytes, recipients: [identity.recipient])
        #expect(plain(try Age.decrypt(file, identity: identity)) == bytes)
        let sealed = 65_536 + 16
        let head = file.count - 3 * sealed - 21
        let chunks =
            (0..<3).map { Array(file[head + $0 * sealed..<head + ($0 + 1) * sealed]) } + [Array(file.suffix(21))]
        for order in [
            [0, 1, 2], [1, 0, 2, 3], [0, 2, 3], [0, 1, 2, 3, 3], [0, 1, 1, 2, 3], [0, 1, 2, 2], [3], [],
        ] {
            let rebuilt = Array(file.prefix(head)) + order.flatMap { chunks[$0] }
            #expect(code { _ = try Age.decrypt(rebuilt, identity: identity) } == "payload", "\(order)")
        }
    }

    @Test func anotherIdentityFindsNoMatch() throws {
        let file = try Age.encrypt(Self.message, recipients: [AgeIdentity.generate().recipient])
        let other = try AgeIdentity.generate()
        #expect(code { _ = try Age.decrypt(file, identity: other) } == "no-match")
    }

    @Test func twoSealingsOfOneMessageShareNothing() throws {
        let identity = try AgeIdentity.generate()
        let a = try Age.encrypt(Self.message, recipients: [identity.recipient])
        let b = try Age.encrypt(Self.message, recipients: [identity.recipient])
        #expect(a.count == b.count)
        #expect(a.suffix(35) != b.suffix(35))
    }

    @Test func aStanzaOfAnUnknownTypeIsPassedOver() throws {
        // From the grease section of the age design: stanzas that nobody knows, before and after the one that counts.
        let identity = try AgeIdentity(
            file: Array("AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0".utf8))
        let header = """
            age-encryption.org/v1
            -> grease

            -> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc
            hjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE
            -> grease

            --- QIfAOEMt1fGOf2FP2m3+TwFQtfy2H3sX3YqUAQRApkM

            """
        // The header is right, the payload absent: the failure is the payload's nonce, after the MAC was checked.
        #expect(code { _ = try Age.decrypt(Array(header.utf8), identity: identity) } == "header")
        let cut = header.replacingOccurrences(of: "-> grease\n\n---", with: "---")
        #expect(code { _ = try Age.decrypt(Array(cut.utf8), identity: identity) } == "hmac")
        let nonce = [UInt8](repeating: 0, count: 16)
        #expect(code { _ = try Age.decrypt(Array(header.utf8) + nonce, identity: identity) } == "payload")
    }

    @Test func recipientsAndIdentitiesHaveOneSpelling() throws {
        let identity = try AgeIdentity.generate()
        let text = identity.recipient.string
        #expect(try AgeRecipient(text) == identity.recipient)
        for bad in [
            "", "age1", text.uppercased(), text + " ", " " + text, String(text.dropLast()), text + "q",
            text.replacingOccurrences(of: "age1", with: "agf1"), "age1pq1" + text.dropFirst(4),
            String(text.prefix(20)) + text.dropFirst(20).uppercased(),
        ] {
            #expect(code { _ = try AgeRecipient(bad) } == "key", "\(bad)")
        }
        for index in text.indices.dropFirst(4) {
            var damaged = text
            damaged.replaceSubrange(index...index, with: text[index] == "q" ? "p" : "q")
            #expect(code { _ = try AgeRecipient(damaged) } == "key")
        }
        let file = plain(identity.file(created: WallTime(nanoseconds: 0)))
        let again = try AgeIdentity(file: file)
        #expect(again.recipient == identity.recipient)
        let key = String(decoding: file, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
        let crlf = try AgeIdentity(file: Array("# note\r\n\r\n\(key)\r\n".utf8))
        #expect(crlf.recipient == identity.recipient)
        for bad in ["", "# only a comment\n", key.lowercased(), key + "A", " " + key, "\(key)\nssh-ed25519 AAAA\n"] {
            #expect(code { _ = try AgeIdentity(file: Array(bad.utf8)) } == "key", "\(bad.prefix(12))")
        }
    }

    @Test func recipientsOfSmallOrderAreRefused() throws {
        // Bech32 of the points 0, 1 and one of order 8; then of the base point, to show that the encoding is not why.
        for weak in [
            "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
            "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya",
            "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9",
        ] {
            #expect(code { _ = try AgeRecipient(weak) } == "key", "\(weak)")
        }
        _ = try AgeRecipient("age1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq8r66x")
    }

    @Test func sealingToNobodyIsRefused() throws {
        #expect(code { _ = try Age.encrypt(Self.message, recipients: []) } == "key")
    }

    /// The official vectors of c2sp.org/CCTV (directory `age/testdata`), which are not part of this repository.
    static let testkit = ProcessInfo.processInfo.environment["ATOMIC_AGE_TESTKIT"]

    @Test(.enabled(if: testkit != nil, "set ATOMIC_AGE_TESTKIT to CCTV's age/testdata to run the official vectors"))
    func theOfficialVectorsComeOutAsTheySay() throws {
        let directory = try #require(Self.testkit)
        let names = [
            "success": "", "no match": "no-match", "HMAC failure": "hmac", "header failure": "header",
            "payload failure": "payload", "armor failure": "armor",
        ]
        var tried = 0
        for name in try Files.list(directory) {
            var rest = try Files.read(directory + "/" + name)[...]
            var fields: [String: String] = [:]
            while let end = rest.firstIndex(of: 0x0a), end > rest.startIndex {
                let line = String(decoding: rest[..<end], as: UTF8.self).split(separator: ":", maxSplits: 1)
                fields[String(line[0])] = (fields[String(line[0])].map { $0 + "\n" } ?? "") + line[1].dropFirst()
                rest = rest[(end + 1)...]
            }
            rest = rest.dropFirst()
            // Passphrases, the hybrid recipients and compressed vectors are not ours.
            guard let keys = fields["identity"], !keys.contains("PQ"), fields["passphrase"] == nil,
                fields["compressed"] == nil
            else { continue }
            tried += 1
            let expected = try #require(fields["expect"].flatMap { names[$0] })
            let identity = try AgeIdentity(file: Array(keys.utf8))
            var payload: [UInt8] = []
            let found = code { payload = plain(try Age.decrypt(Array(rest), identity: identity)) } ?? ""
            #expect(found == expected, "\(name): \(fields["comment"] ?? "")")
            if expected.isEmpty { #expect(Digest.sha256(payload).hex == fields["payload"], "\(name)") }
        }
        #expect(tried >= 70)
    }
}
