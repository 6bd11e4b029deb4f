// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A small pattern language for one line of a program's output, matched in time bounded by the number of states times
/// the length of the line: a hostile pattern or line cannot make the supervisor backtrack.
///
/// Literals, `.`, classes `[a-z]` and `[^…]`, `\d \s` and escaped punctuation, the quantifiers `* + ?` after one of
/// these, one group `( )`, and `^` `$` at the ends. No alternation and no nesting: a confidence needs neither.
struct BoundedPattern {
    private struct Step {
        var accepts: @Sendable (UInt8) -> Bool
        var optional: Bool
        var repeats: Bool
    }

    private enum Token {
        case step(Step)
        case groupStart, groupEnd
    }

    private let steps: [Step]
    /// Indices of steps: the group is what steps `group` match.
    private let group: Range<Int>
    private let anchoredStart: Bool
    private let anchoredEnd: Bool

    /// - Throws: ``ExecutorError`` `manifest` when the pattern uses anything else, or has not exactly one group.
    init(_ text: String) throws(ExecutorError) {
        var source = Array(text.utf8)[...]
        guard source.count <= 200 else { throw Self.refused(text, "is longer than 200 bytes") }
        var starts = false
        var ends = false
        if source.first == UInt8(ascii: "^") {
            starts = true
            source = source.dropFirst()
        }
        if source.last == UInt8(ascii: "$"), source.dropLast().last != UInt8(ascii: "\\") {
            ends = true
            source = source.dropLast()
        }
        var steps: [Step] = []
        var groupStart: Int?
        var groupEnd: Int?
        while let byte = source.popFirst() {
            switch byte {
            case UInt8(ascii: "("):
                guard groupStart == nil else { throw Self.refused(text, "has more than one group") }
                groupStart = steps.count
                continue
            case UInt8(ascii: ")"):
                guard groupStart != nil, groupEnd == nil else { throw Self.refused(text, "has a stray )") }
                groupEnd = steps.count
                continue
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
                guard var last = steps.popLast(), !last.repeats, !last.optional, groupEnd != steps.count + 1 else {
                    throw Self.refused(text, "has a quantifier that follows nothing it can repeat")
                }
                last.repeats = byte != UInt8(ascii: "?")
                last.optional = byte != UInt8(ascii: "+")
                steps.append(last)
                continue
            default: break
            }
            guard let accepts = Self.matcher(byte, &source) else {
                throw Self.refused(text, "uses something that the pattern language does not have")
            }
            steps.append(Step(accepts: accepts, optional: false, repeats: false))
        }
        guard let groupStart, let groupEnd, groupStart < groupEnd else {
            throw Self.refused(text, "has no group around the number")
        }
        self.steps = steps
        group = groupStart..<groupEnd
        anchoredStart = starts
        anchoredEnd = ends
    }

    private static func matcher(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> (@Sendable (UInt8) -> Bool)? {
        switch byte {
        case UInt8(ascii: "."): return { _ in true }
        case UInt8(ascii: "\\"):
            guard let escaped = rest.popFirst() else { return nil }
            return escape(escaped)
        case UInt8(ascii: "["): return characterClass(&rest)
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "|"), UInt8(ascii: "]"), UInt8(ascii: "^"),
            UInt8(ascii: "$"):
            return nil
        case 0x80...: return nil
        default: return { $0 == byte }
        }
    }

    private static func escape(_ byte: UInt8) -> (@Sendable (UInt8) -> Bool)? {
        switch byte {
        case UInt8(ascii: "d"): return { (0x30...0x39).contains($0) }
        case UInt8(ascii: "s"): return { $0 == 0x20 || (0x09...0x0d).contains($0) }
        case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: return { $0 == byte }
        default: return nil
        }
    }

    private static func characterClass(_ rest: inout ArraySlice<UInt8>) -> (@Sendable (UInt8) -> Bool)? {
        var members: Set<UInt8> = []
        let negated = rest.first == UInt8(ascii: "^")
        if negated { rest = rest.dropFirst() }
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]") {
                let final = members
                if final.isEmpty { return nil }
                return { final.contains($0) != negated }
            }
            guard byte != UInt8(ascii: "\\"), byte < 0x80 else { return nil }
            if rest.first == UInt8(ascii: "-"), let last = rest.dropFirst().first, last != UInt8(ascii: "]") {
                guard byte <= last else { return nil }
                members.formUnion(byte...last)
                rest = rest.dropFirst(2)
            } else {
                members.insert(byte)
            }
        }
        return nil
    }

    private static func refused(_ text: String, _ why: String) -> ExecutorError {
        ExecutorError(
            .manifest, "the pattern “\(text)” \(why)",
            remedy: "write literals, classes, * + ? and one ( ) around the number", exit: .usage)
    }

    /// What the group matched in the leftmost match, greedy within it; nil without a match.
    ///
    /// A table over (step, position) of what can still reach the end, filled once, answers every choice in constant
    /// time: steps × length is the whole cost.
    func firstGroup(in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let bytes = Array(line)
        let width = bytes.count + 1
        // reach[step * width + position]: the steps from `step` on can match from `position`.
        var reach = [Bool](repeating: false, count: (steps.count + 1) * width)
        for position in 0..<width where !anchoredEnd || position == bytes.count {
            reach[steps.count * width + position] = true
        }
        for step in steps.indices.reversed() {
            for position in (0..<width).reversed() {
                let accepted = position < bytes.count && steps[step].accepts(bytes[position])
                let next = (step + 1) * width
                var can = accepted && reach[next + position + 1]
                if steps[step].optional { can = can || reach[next + position] }
                if steps[step].repeats { can = can || (accepted && reach[step * width + position + 1]) }
                reach[step * width + position] = can
            }
        }
        guard let start = (anchoredStart ? 0..<1 : 0..<width).first(where: { reach[$0] }) else { return nil }
        var position = start
        var bounds = (start: start, end: start)
        for step in steps.indices {
            if step == group.lowerBound { bounds.start = position }
            let next = (step + 1) * width
            var taken = 0
            while position < bytes.count, steps[step].accepts(bytes[position]) {
                let more = steps[step].repeats && reach[step * width + position + 1]
                guard more || reach[next + position + 1], taken == 0 || steps[step].repeats else { break }
                position += 1
                taken += 1
                if !steps[step].repeats { break }
            }
            if step == group.upperBound - 1 { bounds.end = position }
        }
        return bytes[bounds.start..<bounds.end]
    }
}
