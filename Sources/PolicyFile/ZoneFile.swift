// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// A compiled zone of the time zone database: TZif (RFC 9636), version 2 or later.
struct ZoneFile {
    /// Seconds east of UTC before the first transition.
    private let first: Int64
    /// Seconds since the epoch, rising, with the offset from then on.
    private let transitions: [(at: Int64, offset: Int64)]
    /// What holds after the last transition.
    private let rule: ZoneRule

    /// Where the database is, as on every Linux.
    static let directory = "/usr/share/zoneinfo"

    /// Nil for bytes of another form.
    init?(_ bytes: [UInt8]) {
        guard let old = Header(bytes, at: 0), old.version >= 0x32,
            let header = Header(bytes, at: Header.size + old.bodySize(time: 4))
        else { return nil }
        let times = header.start
        let types = times + header.timeCount * 8
        let infos = types + header.timeCount
        let footer = header.start + header.bodySize(time: 8)
        guard header.typeCount > 0, footer < bytes.count, bytes[footer] == 0x0a, bytes.last == 0x0a else { return nil }
        func offset(_ type: Int) -> Int64? {
            type < header.typeCount ? bytes.integer(at: infos + type * 6, size: 4) : nil
        }
        var transitions: [(at: Int64, offset: Int64)] = []
        for number in 0..<header.timeCount {
            guard let at = bytes.integer(at: times + number * 8, size: 8),
                let offset = offset(Int(bytes[types + number])),
                transitions.last.map({ $0.at < at }) ?? true
            else { return nil }
            transitions.append((at, offset))
        }
        guard let first = offset(0), let rule = ZoneRule(bytes[(footer + 1)..<(bytes.count - 1)]) else { return nil }
        self.first = first
        self.transitions = transitions
        self.rule = rule
    }

    /// The offsets of a span of time; nil when they change more often than a policy may say.
    func offsets(from start: WallTime, until end: WallTime) -> TimeZoneOffsets? {
        let (from, until) = (start.nanoseconds / 1_000_000_000, end.nanoseconds / 1_000_000_000)
        let lastKnown = transitions.last?.at ?? .min
        var all = transitions
        if until > lastKnown {
            guard
                let more = rule.transitions(
                    from: max(from, lastKnown), until: until, limit: TimeZoneOffsets.mostChanges)
            else { return nil }
            all += more.filter { $0.at > lastKnown }
        }
        var offset = all.last { $0.at <= from }?.offset ?? (transitions.isEmpty ? rule.standard : first)
        let initial = offset
        var changes: [TimeZoneOffsets.Change] = []
        for transition in all where transition.at > from && transition.at < until && transition.offset != offset {
            offset = transition.offset
            changes.append(.init(at: WallTime(nanoseconds: transition.at * 1_000_000_000), offset: offset))
        }
        return changes.count <= TimeZoneOffsets.mostChanges ? TimeZoneOffsets(offset: initial, changes: changes) : nil
    }
}

/// The header of a data block (RFC 9636, 3.1), and where its parts begin.
private struct Header {
    static let size = 44
    let version: UInt8
    let start: Int
    let timeCount: Int
    let typeCount: Int
    private let others: (utc: Int, standard: Int, leap: Int, characters: Int)

    init?(_ bytes: [UInt8], at place: Int) {
        guard bytes.count >= place + Self.size, bytes[place..<(place + 4)].elementsEqual("TZif".utf8) else {
            return nil
        }
        let counts = (0..<6).compactMap { bytes.integer(at: place + 20 + 4 * $0, size: 4) }
        // A file has at most a few hundred of each.
        guard counts.count == 6, counts.allSatisfy({ (0...10_000).contains($0) }) else { return nil }
        version = bytes[place + 4]
        start = place + Self.size
        others = (Int(counts[0]), Int(counts[1]), Int(counts[2]), Int(counts[5]))
        timeCount = Int(counts[3])
        typeCount = Int(counts[4])
        guard bytes.count >= start + bodySize(time: version >= 0x32 && place > 0 ? 8 : 4) else { return nil }
    }

    /// - Parameter time: bytes of a time: 4 in the first block, 8 in the second.
    func bodySize(time: Int) -> Int {
        timeCount * (time + 1) + typeCount * 6 + others.characters + others.leap * (time + 4) + others.standard
            + others.utc
    }
}

extension [UInt8] {
    /// A signed integer, the most significant byte first.
    fileprivate func integer(at place: Int, size: Int) -> Int64? {
        guard place >= 0, place + size <= count, size <= 8 else { return nil }
        var value: UInt64 = 0
        for byte in self[place..<(place + size)] { value = value << 8 | UInt64(byte) }
        let unused = UInt64(64 - 8 * size)
        return Int64(bitPattern: value << unused) >> Int64(unused)
    }
}
