// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// How local time of a zone differs from UTC while a policy holds.
///
/// The offsets stand in the policy that the quorum signs, taken from the time zone database when its file was read: what a
/// window means then depends on no machine's database, and a verifier years later needs none.
public struct TimeZoneOffsets: Codable, Equatable, Sendable {
    /// From one instant on another offset holds.
    public struct Change: Codable, Equatable, Sendable {
        public let at: WallTime
        /// Seconds east of UTC.
        public let offset: Int64

        public init(at: WallTime, offset: Int64) {
            self.at = at
            self.offset = offset
        }
    }

    /// Seconds east of UTC, before the first change.
    public let offset: Int64
    /// Rising in time.
    public let changes: [Change]

    public init(offset: Int64, changes: [Change] = []) {
        self.offset = offset
        self.changes = changes
    }

    /// Seconds east of UTC at an instant.
    public func offset(at time: WallTime) -> Int64 { changes.last { $0.at <= time }?.offset ?? offset }

    /// What a clock on the wall shows.
    func local(_ time: WallTime) -> LocalTime {
        LocalTime(secondsSinceEpoch: time.nanoseconds.dividedDown(by: 1_000_000_000) + offset(at: time))
    }

    /// So many changes are a lifetime of summers.
    public static let mostChanges = 256

    /// No zone is further from UTC than this, in seconds.
    static let mostOffset: Int64 = 26 * 3_600
}

/// Weekday and minute of a local time.
struct LocalTime: Equatable {
    /// 0 is Monday.
    let day: Int
    /// Since midnight.
    let minute: Int

    init(secondsSinceEpoch seconds: Int64) {
        let days = seconds.dividedDown(by: 86_400)
        minute = Int((seconds - days * 86_400) / 60)
        // The epoch was a Thursday.
        day = Int((days + 3) - (days + 3).dividedDown(by: 7) * 7)
    }
}

extension Int64 {
    /// Rounds towards the past, also before the epoch.
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self < 0 && quotient * divisor != self ? quotient - 1 : quotient
    }
}
