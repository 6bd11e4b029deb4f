// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The table of messages that a person reads after a run: who answered what, and what went wrong. Never what was answered.
public struct MessageTable: Sendable {
    private let facts: JobFacts
    private let limit: Int

    /// - Parameter limit: rows that are shown; what did not simply go well comes first. The rest is counted.
    public init(_ facts: JobFacts, limit: Int = .max) {
        self.facts = facts
        self.limit = limit
    }

    public var text: String {
        let shown = rows()
        var lines = facts.microtasks.count == 1 ? auctions(shown) : matrix(shown)
        let hidden = facts.messages.count - shown.count
        if hidden > 0 {
            let left = Set(facts.messages.indices).subtracting(shown)
            let troubled = left.count { facts.messages[$0].state != "released" }
            lines.append(
                "… \(hidden) of \(Shown.count(facts.messages.count, "message")) not shown"
                    + (troubled == 0 ? ", all of them released" : ", \(troubled) of them not simply released")
                    + "; into a file or a pipe all are written, and --json has everything")
        }
        return lines.joined(separator: "\n")
    }

    /// Which messages are shown, in their order: first those that need a look, then the others.
    private func rows() -> [Int] {
        let all = facts.messages.indices
        guard all.count > limit else { return Array(all) }
        let troubled = all.filter { facts.messages[$0].state != "released" }.prefix(limit)
        let fine = all.filter { facts.messages[$0].state == "released" }.prefix(limit - troubled.count)
        return (troubled + fine).sorted()
    }

    // MARK: One microtask a message: its auction

    private func auctions(_ shown: [Int]) -> [String] {
        var table = TextTable([
            ("message", .left), ("bids (confidence, price)", .left), ("excluded by", .left), ("winner", .left),
            ("why", .left), ("cost", .right), ("latency", .right),
        ])
        let byMessage = Dictionary(grouping: facts.answers, by: \.message)
        for index in shown {
            guard let answer = byMessage[index]?.first else {
                table.add([name(index), "-", "-", "- (\(facts.messages[index].state))", "-", "-", "-"])
                continue
            }
            let bids = answer.bids.map {
                "\($0.model) \(($0.confidence + 5_000_000) / 10_000_000)% \(Decimal9.format($0.price * 1_000))"
            }
            let excluded = answer.exclusions.map { "\($0.model): \($0.rules.joined(separator: " "))" }
            let winner = answer.winner.map { $0 + marks(answer).joined() }
            table.add([
                name(index), bids.isEmpty ? "-" : bids.joined(separator: ", "),
                excluded.isEmpty ? "-" : excluded.joined(separator: ", "), winner ?? "- (\(answer.reason))",
                answer.why ?? "-", answer.winner != nil || answer.cost > 0 ? Shown.money(answer.cost) : "-",
                answer.latencyNs > 0 ? Shown.time(answer.latencyNs) : "-",
            ])
        }
        return table.lines + legend(shown)
    }

    // MARK: Several: who answered

    private func matrix(_ shown: [Int]) -> [String] {
        var table = TextTable(
            [("message", .left)] + facts.microtasks.map { ($0, .left) }
                + [("ended", .left), ("cost", .right), ("latency", .right)])
        let byMessage = Dictionary(grouping: facts.answers, by: \.message)
        for index in shown {
            let answers = byMessage[index] ?? []
            let cells = facts.microtasks.map { id in cell(answers.first { $0.microtask == id }) }
            let cost = answers.reduce(0) { $0 + $1.cost }
            let time = answers.reduce(0) { $0 + $1.latencyNs }
            let message = facts.messages[index]
            table.add(
                [name(index)] + cells
                    + [
                        message.state + (message.code.map { " (\($0))" } ?? ""), cost > 0 ? Shown.money(cost) : "-",
                        time > 0 ? Shown.time(time) : "-",
                    ])
        }
        return table.lines + legend(shown)
    }

    private func cell(_ answer: JobFacts.Answer?) -> String {
        guard let answer else { return "" }
        switch answer.state {
        case "skipped": return "·"
        case "answered", "unsure": return (answer.winner ?? "-") + marks(answer).joined()
        case "denied":
            return "denied: " + (answer.rules.isEmpty ? answer.code ?? "-" : answer.rules.joined(separator: " "))
        default: return answer.reason
        }
    }

    private func marks(_ answer: JobFacts.Answer) -> [String] {
        var marks: [String] = []
        if answer.state == "unsure" { marks.append("?") }
        if facts.microtasks.count > 1 {
            if answer.why == "exploration" { marks.append("*") }
            if answer.why?.hasPrefix("took over") == true { marks.append("^") }
        }
        if answer.right == false { marks.append("!") }
        return marks
    }

    private static let meanings: [(mark: String, meaning: String)] = [
        ("*", "exploration"), ("^", "took over from another model"), ("?", "not sure enough"),
        ("!", "differs from its label"), ("·", "not due"),
    ]

    private func legend(_ shown: [Int]) -> [String] {
        let shown = Set(shown)
        var used: Set<String> = []
        for answer in facts.answers where shown.contains(answer.message) {
            if facts.microtasks.count > 1, answer.state == "skipped" { used.insert("·") }
            if answer.winner != nil { used.formUnion(marks(answer)) }
        }
        let known = Self.meanings.filter { used.contains($0.mark) }
        return known.isEmpty ? [] : [known.map { "\($0.mark) \($0.meaning)" }.joined(separator: "   ")]
    }

    private func name(_ index: Int) -> String { TerminalText.line(facts.messages[index].name) }
}

extension JobFacts.Answer {
    /// Why there is no answer: the code, and the rules that said no.
    var reason: String { (code ?? state) + (rules.isEmpty ? "" : ": " + rules.joined(separator: " ")) }
}
