// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TransparencyLog

/// The scan must never accept what the reader of entries refuses: verification would.
@Suite("The quick scan of entries")
struct ScanTests {
    private static func entry(
        _ data: JSONValue, type: String = "x.test", job: String? = nil, label: DataLabel? = nil, policy: Int64 = 0,
        wall: String = "2026-11-29T07:00:00.000000001Z", mono: UInt64 = 12_345
    ) throws -> [UInt8] {
        try PreparedEntry(
            EntryDraft(
                type: type, actor: EntryActor(id: "uid:1000", role: "test"), job: job, label: label, policy: policy,
                data: data),
            boot: "6a2f0c4e-0000-4000-8000-000000000000"
        ).bytes(seq: 7, prev: Digest.sha256([1]), wall: wall, mono: mono)
    }

    private static func plain() throws -> [[UInt8]] {
        let nested = JSONValue.object([
            "a": .array([.integer(0), .integer(-1), .array([]), .object([:]), .bool(true), .bool(false), .null]),
            "aa": .object(["x": .string(""), "y": .string("}\u{7f},:")]), "b": .integer(999_999_999_999_999),
        ])
        return [
            try entry(.object([:])), try entry(nested), try entry(nested, job: "j-1", policy: 7),
            try entry(nested, label: DataLabel(class: "pii", owners: ["b", "a", "ab"])),
            try entry(nested, type: "A.b-c_d.0", job: "j", label: DataLabel(class: "c", owners: [])),
            try entry(nested, wall: "2261-01-31T23:59:59.999999999Z", mono: 0),
        ]
    }

    @Test("Plain entries are accepted, with number and predecessor")
    func plainIsAccepted() throws {
        for bytes in try Self.plain() {
            #expect(
                EntryScan(bytes.span, previous: Digest.sha256([1]))?.seq == 7,
                "\(String(decoding: bytes, as: UTF8.self))")
            #expect(EntryScan(bytes.span, previous: nil)?.seq == 7)
            #expect(EntryScan(bytes.span, previous: Digest.sha256([2])) == nil)
            #expect(throws: Never.self) { try LogEntry(bytes: bytes) }
        }
    }

    @Test("What is canonical but not plain is left to the reader")
    func oddIsLeft() throws {
        for data in [
            JSONValue.object(["a": .string("é")]), .object(["a": .string("\"")]), .object(["a": .double(1.5)]),
            .object(["a": .integer(.max)]), .object(["\u{e9}": .null]),
        ] {
            let bytes = try Self.entry(data)
            #expect(EntryScan(bytes.span, previous: nil) == nil)
            #expect(throws: Never.self) { try LogEntry(bytes: bytes) }
        }
        let leapDay = try Self.entry(.object([:]), wall: "2028-02-29T00:00:00.000000000Z")
        #expect(EntryScan(leapDay.span, previous: nil) == nil)
        #expect(throws: Never.self) { try LogEntry(bytes: leapDay) }
    }

    @Test(
        "Whatever is accepted, the reader accepts and reads alike: 40,000 entries with bytes changed, put in and taken out"
    )
    func acceptedIsSound() throws {
        var random = Seeded(state: 20_261_129)
        let seeds = try Self.plain()
        let alphabet = Array("{}[]\",:\\-+.0123456789eE aAzZntf\u{0}\u{1f}".utf8) + [0x80, 0xc3, 0xff]
        var accepted = 0
        for _ in 0..<40_000 {
            var bytes = seeds[random.below(seeds.count)]
            for _ in 0...random.below(3) {
                let place = random.below(bytes.count)
                let byte = alphabet[random.below(alphabet.count)]
                switch random.below(5) {
                case 0: bytes.insert(byte, at: place)
                case 1: bytes.remove(at: place)
                case 2: bytes.swapAt(place, random.below(bytes.count))
                case 3: bytes[place] ^= 1 << UInt8(random.below(8))
                default: bytes[place] = byte
                }
            }
            let previous = random.below(2) == 0 ? Digest.sha256([1]) : nil
            guard let scan = EntryScan(bytes.span, previous: previous) else { continue }
            accepted += 1
            let text = String(decoding: bytes, as: UTF8.self)
            guard let entry = try? LogEntry(bytes: bytes) else {
                Issue.record("the scan accepts what the reader refuses: \(text)")
                continue
            }
            #expect(entry.seq == scan.seq && (previous == nil || entry.prev == previous), "\(text)")
        }
        // Changed strings and digits: without these the test would show nothing.
        #expect(accepted > 1_000)
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers in every run.
private struct Seeded {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ mixed >> 31) % UInt64(bound))
    }
}
