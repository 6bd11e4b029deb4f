// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Sealing
import Testing

/// A room that signs whatever it likes: the manifest is always good, so that only the claims themselves can catch it.
@Suite("A room that signs changed members") struct LyingRoomTests {
    /// Numbers that are the same in every run (SplitMix64).
    struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    private static func signed(_ members: [CanonicalArchive.Member], _ predicate: BundlePredicate) throws -> [UInt8] {
        let key = try VectorKeys.signing("room statement")
        let manifest = try BundleManifest.sign(predicate, members: members, by: key)
        return try CanonicalArchive.encode(members + [.init(name: CanonicalArchive.manifestName, content: manifest)])
    }

    @Test("signing the members as they are verifies") func control() throws {
        let vectors = try BundleVectors()
        let bundle = try Bundle(bytes: vectors.good)
        let bytes = try Self.signed(bundle.members, bundle.predicate)
        #expect(bytes == vectors.good)
        #expect(BundleVerifier.verify(bundle: bytes, trust: vectors.trust).verified)
    }

    @Test("a changed byte of any member is refused although the room signed it", arguments: 0..<6)
    func changes(_ run: Int) throws {
        let vectors = try BundleVectors()
        let bundle = try Bundle(bytes: vectors.good)
        var numbers = Numbers(state: UInt64(run))
        for member in bundle.members.indices {
            var members = bundle.members
            let name = members[member].name
            var content = members[member].content
            let place = Int.random(in: content.indices, using: &numbers)
            switch run % 4 {
            case 0: content[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            case 1: content.remove(at: place)
            case 2: content.insert(UInt8.random(in: 0x20..<0x7f, using: &numbers), at: place)
            default: content.replaceSubrange(place..<place + 1, with: Array("9223372036854775807".utf8))
            }
            guard content != members[member].content else { continue }
            members[member] = .init(name: name, content: content)
            let report = BundleVerifier.verify(bundle: try Self.signed(members, bundle.predicate), trust: vectors.trust)
            #expect(!report.verified && report.failure != nil, "\(name), byte \(place)")
            #expect(report.failure?.claim != "signature" && report.failure?.claim != "members", "\(name)")
        }
    }

    @Test("a member left out is refused although the room signed the rest") func omissions() throws {
        let vectors = try BundleVectors()
        let bundle = try Bundle(bytes: vectors.good)
        for member in bundle.members.indices {
            var members = bundle.members
            let name = members.remove(at: member).name
            let report = BundleVerifier.verify(bundle: try Self.signed(members, bundle.predicate), trust: vectors.trust)
            // A room may keep to itself what it registered and never ran, but then not the entry that says so.
            #expect(!report.verified, "\(name)")
        }
    }
}
