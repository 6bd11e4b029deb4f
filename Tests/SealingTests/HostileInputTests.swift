// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

/// Readers of hostile bytes run in the process that holds the keys: whatever comes in, they answer with an error of
/// theirs and never with a trap. The seeds are fixed, so that a failure can be repeated.
@Suite struct HostileInputTests {
    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    /// One to four edits near the front, where the structure is: set, insert, remove, cut, repeat, drop.
    private func damage(_ original: [UInt8], _ random: inout Generator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let front = min(bytes.count, 600)
            guard front > 4 else { return bytes }
            let at = Int.random(in: 0..<front, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert([0x0a, 0x20, 0x2d, 0x3d, 0x41, 0x0d].randomElement(using: &random) ?? 0, at: at)
            case 2: bytes.remove(at: at)
            case 3: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            case 4: bytes.insert(contentsOf: Array(bytes[at..<min(bytes.count, at + 70)]), at: at)
            default: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...80, using: &random)))
            }
        }
        return bytes
    }

    private func hold(_ originals: [[UInt8]], to codes: Set<String>, rounds: Int, _ read: ([UInt8]) throws -> Void) {
        for seed in 0..<rounds {
            var random = Generator(state: UInt64(seed))
            let original = originals[seed % originals.count]
            let bytes = damage(original, &random)
            let found = code { try read(bytes) }
            if let found {
                #expect(codes.contains(found), "seed \(seed)")
            } else {
                #expect(tolerated(bytes, original), "seed \(seed) is accepted")
            }
        }
    }

    /// What may be accepted: the original, or the original but for white space around it.
    private func tolerated(_ bytes: [UInt8], _ original: [UInt8]) -> Bool {
        let space: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d }
        func trimmed(_ bytes: [UInt8]) -> [UInt8] {
            Array(bytes.filter { $0 != 0x0d }.drop(while: space).reversed().drop(while: space))
        }
        return bytes == original || trimmed(bytes) == trimmed(original)
    }

    @Test func ageFiles() throws {
        let identity = try AgeIdentity.generate()
        var files: [[UInt8]] = []
        for (size, armor) in [(0, false), (300, false), (65_537, false), (0, true), (300, true)] {
            let recipients = [identity.recipient, try AgeIdentity.generate().recipient]
            files.append(try Age.encrypt([UInt8](repeating: 1, count: size), recipients: recipients, armor: armor))
        }
        hold(files, to: ["header", "hmac", "no-match", "payload", "armor"], rounds: 2_000) {
            _ = try Age.decrypt($0, identity: identity)
        }
    }

    @Test func labels() throws {
        let key = try SigningKey.generate(.ed25519)
        let ciphertext = Digest.sha256([1])
        let label = try Label.sign(
            LabelPredicate(
                class: "pii", purposes: ["care"], owner: "desk", serial: 1, room: "room",
                notBefore: WallTime(nanoseconds: 0), expires: WallTime(nanoseconds: 9), retention: "30d",
                salt: Label.newSalt()),
            ciphertext: ciphertext, name: "a.age", by: key)
        hold([label], to: ["envelope", "statement", "signature", "label-owner"], rounds: 2_000) {
            _ = try Label.check(
                file: $0, ciphertext: ciphertext, room: "room", owners: ["desk": key.publicKey],
                now: WallTime(nanoseconds: 1), highestSerial: nil)
        }
    }

    @Test func publicKeysAndRecipients() throws {
        // Another key is a key; what is read must then have no other spelling.
        let keys = try PublicKey.Algorithm.allCases.map {
            Array(try SigningKey.generate($0).publicKey.description.utf8)
        }
        let recipient = Array(try AgeIdentity.generate().recipient.string.utf8)
        for seed in 0..<2_000 {
            var random = Generator(state: UInt64(seed))
            let key = String(decoding: damage(keys[seed % keys.count], &random), as: UTF8.self)
            var spelling = key
            #expect(code { spelling = try PublicKey(key).description } ?? "key" == "key", "seed \(seed)")
            #expect(spelling == key)
            let age = String(decoding: damage(recipient, &random), as: UTF8.self)
            spelling = age
            #expect(code { spelling = try AgeRecipient(age).string } ?? "key" == "key", "seed \(seed)")
            #expect(spelling == age)
        }
    }
}
