// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Hours of every day, or days of every week, in a time zone: the values of `job.hours` and `job.day`.
///
/// Whatever the clocks do at a change of offset, an instant has one local time, so it is inside or outside: an hour that occurs twice
/// is inside twice, one that is left out never is.
public struct TimeWindow: Equatable, Sendable {
    private enum Part: Equatable {
        /// Minutes since midnight; the end is not in it.
        case hours(Range<Int>)
        /// 0 is Monday.
        case days(ClosedRange<Int>)
    }

    private let part: Part
    /// Name in the time zone database, for example `Europe/Berlin`.
    public let zone: String

    /// `"06:00-22:00 Europe/Berlin"`: [start, end) of a day, which ends at 24:00.
    public init?(hours text: String) {
        guard let (span, zone) = Self.split(text) else { return nil }
        let ends = span.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = Self.minute(ends[0]), let end = Self.minute(ends[1]), start < end else {
            return nil
        }
        part = .hours(start..<end)
        self.zone = zone
    }

    /// `"mon-fri Europe/Berlin"` or `"sat Europe/Berlin"`; a week begins with Monday.
    public init?(days text: String) {
        guard let (span, zone) = Self.split(text) else { return nil }
        let ends = span.split(separator: "-", omittingEmptySubsequences: false).map {
            Self.weekdays.firstIndex(of: String($0))
        }
        guard ends.count <= 2, let start = ends[0], let end = ends[ends.count - 1], start <= end else { return nil }
        if ends.count == 2, start == end { return nil }
        part = .days(start...end)
        self.zone = zone
    }

    /// Whether an instant is in it, given its zone's offsets.
    func contains(_ time: WallTime, _ offsets: TimeZoneOffsets) -> Bool {
        let local = offsets.local(time)
        return switch part {
        case .hours(let minutes): minutes.contains(local.minute)
        case .days(let days): days.contains(local.day)
        }
    }

    /// Minutes of a local day at which it may begin or end.
    var edges: [Int] {
        switch part {
        case .hours(let minutes): [minutes.lowerBound, minutes.upperBound % 1_440]
        case .days: [0]
        }
    }

    /// From Monday on, as `job.day` spells them.
    public static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private static func split(_ text: String) -> (span: Substring, zone: String)? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, isZone(String(parts[1])) else { return nil }
        return (parts[0], String(parts[1]))
    }

    /// `HH:MM`, 00:00 to 24:00.
    private static func minute(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x3a, [0, 1, 3, 4].allSatisfy({ (0x30...0x39).contains(bytes[$0]) }) else {
            return nil
        }
        let (hour, minute) = (
            Int(bytes[0] - 0x30) * 10 + Int(bytes[1] - 0x30), Int(bytes[3] - 0x30) * 10 + Int(bytes[4] - 0x30)
        )
        return minute < 60 && hour * 60 + minute <= 1_440 ? hour * 60 + minute : nil
    }

    /// Names as in the time zone database: parts of letters, digits, `_`, `+` and `-`, separated by `/`.
    static func isZone(_ name: String) -> Bool {
        name.utf8.count <= 64
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                part.utf8.first.map { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a } == true
                    && part.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
                            || [0x5f, 0x2b, 0x2d].contains($0)
                    }
            }
    }
}

extension SovereignPolicy {
    /// The windows of a rule's or invariant's conditions.
    static func windows(of conditions: [String: [String]]) -> [TimeWindow] {
        windows(of: .jobHours, conditions[PolicyAttribute.jobHours.rawValue])
            + windows(of: .jobDay, conditions[PolicyAttribute.jobDay.rawValue])
    }

    /// Those of one condition, none for what is not about time.
    static func windows(of attribute: PolicyAttribute?, _ values: [String]?) -> [TimeWindow] {
        switch attribute {
        case .jobHours: values?.compactMap(TimeWindow.init(hours:)) ?? []
        case .jobDay: values?.compactMap(TimeWindow.init(days:)) ?? []
        default: []
        }
    }

    /// All conditions of the policy.
    var conditions: [[String: [String]]] { rules.flatMap { [$0.when, $0.unless] } + (invariants ?? []).map(\.never) }

    /// The zones that its windows name.
    public var zoneNames: Set<String> {
        var names: Set<String> = []
        for conditions in conditions where !conditions.isEmpty {
            for window in Self.windows(of: conditions) { names.insert(window.zone) }
        }
        return names
    }
}
