// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// Offsets for ever: the string at the end of a zone file, as in `TZ` of POSIX with the hours of RFC 9636 (-167 to 167), for
/// example `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule {
    private struct Summer {
        let offset: Int64
        let start: YearDay
        let end: YearDay
    }

    /// Seconds east of UTC.
    let standard: Int64
    private let summer: Summer?

    /// Nil for another form; an empty string, which says that nothing is known, too.
    init?(_ text: some Sequence<UInt8>) {
        var scanner = Scanner(Array(text))
        guard scanner.name(), let west = scanner.time() else { return nil }
        standard = -west
        guard !scanner.isAtEnd else {
            summer = nil
            return
        }
        guard scanner.name() else { return nil }
        var offset = standard + 3_600
        if scanner.peek != 0x2c {
            guard let west = scanner.time() else { return nil }
            offset = -west
        }
        guard scanner.take(0x2c), let start = scanner.day(), scanner.take(0x2c), let end = scanner.day(),
            scanner.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }

    /// The changes between two instants (seconds since the epoch); nil when there are more than `limit`.
    func transitions(from start: Int64, until end: Int64, limit: Int) -> [(at: Int64, offset: Int64)]? {
        guard let summer, start < end else { return [(start, standard)] }
        // 365.2425 days are the mean year; one more on each side covers every zone.
        let first = 1970 + max(0, start) / 31_556_952 - 1
        let last = 1970 + max(0, end) / 31_556_952 + 1
        guard last - first <= Int64(limit) else { return nil }
        return (first...last).flatMap { year in
            [
                (summer.start.seconds(in: year) - standard, summer.offset),
                (summer.end.seconds(in: year) - summer.offset, standard),
            ]
        }.sorted { $0.0 < $1.0 }
    }
}

/// A day of every year and a time on it.
private struct YearDay {
    enum Form {
        /// Week 5 is the last one; weekday 0 is Sunday.
        case weekday(month: Int64, week: Int64, weekday: Int64)
        /// 1 to 365, and February 29 is never counted.
        case julian(Int64)
        /// 0 to 365, with February 29.
        case zeroBased(Int64)
    }

    let form: Form
    /// Seconds after midnight, local time before the change; may be negative or more than a day.
    let time: Int64

    /// Local time in seconds since the epoch as if it were UTC.
    func seconds(in year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let before = year - 1
        let newYear = before * 365 + before / 4 - before / 100 + before / 400 - 719_162
        let day: Int64
        switch form {
        case .weekday(let month, let week, let weekday):
            let first = newYear + lengths.prefix(Int(month) - 1).reduce(0, +)
            // The epoch was a Thursday.
            let skip = (weekday - (first + 4) % 7 + 7) % 7
            let date = skip + (week - 1) * 7
            day = first + (date < lengths[Int(month) - 1] ? date : date - 7)
        case .julian(let number): day = newYear + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .zeroBased(let number): day = newYear + number
        }
        return day * 86_400 + time
    }
}

private struct Scanner {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }
    var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    /// Letters, or anything printable in angle brackets.
    mutating func name() -> Bool {
        let start = place
        if take(0x3c) {
            while let byte = peek, byte != 0x3e { place += byte > 0x20 ? 1 : bytes.count }
            return take(0x3e)
        }
        while let byte = peek, (0x61...0x7a).contains(byte | 0x20) { place += 1 }
        return place - start >= 3
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
        let start = place
        var value: Int64 = 0
        while let byte = peek, (0x30...0x39).contains(byte), place - start < 4 {
            value = value * 10 + Int64(byte - 0x30)
            place += 1
        }
        return place > start && range.contains(value) ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time() -> Int64? {
        let isNegative = take(0x2d)
        if !isNegative { _ = take(0x2b) }
        guard let hours = number(0...167) else { return nil }
        var seconds = hours * 3_600
        for unit: Int64 in [60, 1] where peek == 0x3a {
            place += 1
            guard let part = number(0...59) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    mutating func day() -> YearDay? {
        let form: YearDay.Form
        if take(0x4d) {
            guard let month = number(1...12), take(0x2e), let week = number(1...5), take(0x2e),
                let weekday = number(0...6)
            else { return nil }
            form = .weekday(month: month, week: week, weekday: weekday)
        } else if take(0x4a) {
            guard let day = number(1...365) else { return nil }
            form = .julian(day)
        } else {
            guard let day = number(0...365) else { return nil }
            form = .zeroBased(day)
        }
        guard take(0x2f) else { return YearDay(form: form, time: 7_200) }
        return time().map { YearDay(form: form, time: $0) }
    }
}
