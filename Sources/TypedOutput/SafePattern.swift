// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// A regular expression that is matched in time linear in the text: states side by side, no backtracking.
///
/// The syntax is ECMA-262's with the `u` flag, less what needs more than a finite automaton: look-around and
/// back-references are refused when the schema is loaded, as are programs above `maxInstructions`. A pattern is not
/// anchored unless it says so, as JSON Schema wants.
struct SafePattern: Sendable {
    static let maxInstructions = 4_096

    enum Instruction: Sendable {
        case scalar(ScalarSet)
        case split(Int, Int)
        case jump(Int)
        case assertion(Assertion)
        case match
    }

    enum Assertion: Sendable {
        case start, end, wordBoundary, noWordBoundary
    }

    let program: [Instruction]

    /// - Throws: why the pattern is refused, in words.
    init(_ source: String) throws(PatternRefusal) {
        var parser = PatternParser(source)
        let tree = try parser.pattern()
        var compiler = PatternCompiler()
        try compiler.emit(tree)
        try compiler.append(.match)
        program = compiler.program
    }

    /// Whether the pattern matches anywhere in `text`.
    ///
    /// - Parameter work: decremented by one per state visited.
    /// - Returns: nil when `work` ran out.
    func matches(_ text: String, work: inout Int) -> Bool? {
        let scalars = Array(text.unicodeScalars)
        var current = StateSet(count: program.count)
        var next = StateSet(count: program.count)
        for position in 0...scalars.count {
            // A match may begin anywhere, so the first state joins in at every position.
            if follow(0, position, scalars, into: &current, &work) { return true }
            guard work > 0 else { return nil }
            guard position < scalars.count else { break }
            next.clear()
            for state in current.members {
                work -= 1
                guard case .scalar(let set) = program[state], set.contains(scalars[position]) else { continue }
                if follow(state + 1, position + 1, scalars, into: &next, &work) { return true }
            }
            swap(&current, &next)
        }
        return work > 0 ? false : nil
    }

    /// Adds a state and everything reachable from it without reading; true when that includes the match.
    private func follow(
        _ state: Int, _ position: Int, _ scalars: [Unicode.Scalar], into set: inout StateSet, _ work: inout Int
    ) -> Bool {
        var pending = [state]
        while let state = pending.popLast() {
            guard set.insert(state) else { continue }
            work -= 1
            switch program[state] {
            case .match: return true
            case .scalar: continue
            case .jump(let target): pending.append(target)
            case .split(let first, let second):
                pending.append(first)
                pending.append(second)
            case .assertion(let assertion):
                if holds(assertion, position, scalars) { pending.append(state + 1) }
            }
        }
        return false
    }

    private func holds(_ assertion: Assertion, _ position: Int, _ scalars: [Unicode.Scalar]) -> Bool {
        func isWord(_ index: Int) -> Bool { scalars.indices.contains(index) && ScalarSet.word.contains(scalars[index]) }
        switch assertion {
        case .start: return position == 0
        case .end: return position == scalars.count
        case .wordBoundary: return isWord(position - 1) != isWord(position)
        case .noWordBoundary: return isWord(position - 1) == isWord(position)
        }
    }
}

/// Why a pattern is refused.
struct PatternRefusal: Error {
    let reason: String
}

/// A set of states with constant-time insertion and clearing.
private struct StateSet {
    private(set) var members: [Int] = []
    private var marks: [UInt32]
    private var epoch: UInt32 = 1

    init(count: Int) { marks = [UInt32](repeating: 0, count: count) }

    mutating func insert(_ state: Int) -> Bool {
        guard marks[state] != epoch else { return false }
        marks[state] = epoch
        members.append(state)
        return true
    }

    mutating func clear() {
        members.removeAll(keepingCapacity: true)
        // Texts are shorter than 2^32 scalars, so epochs do not come round.
        epoch += 1
    }
}
