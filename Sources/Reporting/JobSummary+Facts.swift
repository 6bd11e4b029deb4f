// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

extension JobSummary {
    public init(_ facts: JobFacts) {
        messages = Self.messages(facts)
        microtasks = facts.microtasks.map { Self.microtask($0, facts.answers) }
        models = Self.models(facts)
        exclusions = Self.exclusions(facts)
        processes = Self.processes(facts)
        totals = Self.totals(facts)
    }

    private static func messages(_ facts: JobFacts) -> Messages {
        var count = Messages()
        for message in facts.messages {
            count.total += 1
            switch message.state {
            case "released": count.released += 1
            case "needs-review": count.needsReview += 1
            case "failed": count.failed += 1
            case "denied": count.denied += 1
            default: count.pending += 1
            }
        }
        count.latency = Latency(Quantiles(facts.messages.compactMap(\.latencyNs)))
        return count
    }

    private static func microtask(_ id: String, _ answers: [JobFacts.Answer]) -> Microtask {
        var count = Microtask(id: id)
        let mine = answers.filter { $0.microtask == id }
        for answer in mine {
            switch answer.state {
            case "answered": count.answered += 1
            case "unsure": count.unsure += 1
            case "skipped": count.skipped += 1
            case "failed": count.failed += 1
            case "denied": count.denied += 1
            default: break
            }
            if answer.state != "answered", let code = answer.code { count.codes[code, default: 0] += 1 }
        }
        count.accuracy = Proportion(mine.compactMap(\.right))
        return count
    }

    private struct Seat: Hashable {
        let microtask: String
        let model: String
    }

    private struct Lot: Hashable {
        let message: Int
        let microtask: String
    }

    private static func models(_ facts: JobFacts) -> [Model] {
        var rows: [Seat: Model] = [:]
        var rights: [Seat: [Bool]] = [:]
        var latencies: [Seat: [Int64]] = [:]
        var cpu: [Seat: Int64] = [:]
        func change(_ seat: Seat, _ body: (inout Model) -> Void) {
            body(&rows[seat, default: Model(microtask: seat.microtask, model: seat.model)])
        }
        // Who was tried first on a message: an answer of anybody else was a takeover.
        var first: [Lot: String] = [:]
        for attempt in facts.attempts {
            let seat = Seat(microtask: attempt.microtask, model: attempt.model)
            change(seat) { row in
                row.attempts += 1
                row.cost += attempt.cost
                switch attempt.outcome {
                case "valid": break
                case "low-confidence": row.unsure += 1
                default:
                    row.failed += 1
                    row.failures[attempt.outcome, default: 0] += 1
                }
            }
            latencies[seat, default: []].append(attempt.latencyNs)
            cpu[seat, default: 0] += attempt.cpuNs
            let lot = Lot(message: attempt.message, microtask: attempt.microtask)
            first[lot] = first[lot] ?? attempt.model
        }
        for answer in facts.answers {
            for model in Set(answer.bids.map(\.model)) {
                change(Seat(microtask: answer.microtask, model: model)) { $0.bids += 1 }
            }
            guard let winner = answer.winner else { continue }
            let seat = Seat(microtask: answer.microtask, model: winner)
            change(seat) { row in
                row.wins += 1
                let lot = Lot(message: answer.message, microtask: answer.microtask)
                if first[lot, default: winner] != winner { row.takeovers += 1 }
            }
            if let right = answer.right { rights[seat, default: []].append(right) }
        }
        for seat in rows.keys {
            rows[seat]?.latency = Latency(Quantiles(latencies[seat] ?? []))
            rows[seat]?.cpuNs = String(cpu[seat] ?? 0)
            rows[seat]?.accuracy = Proportion(rights[seat] ?? [])
        }
        let order = Dictionary(facts.microtasks.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return rows.values.sorted { left, right in
            let (a, b) = (order[left.microtask] ?? .max, order[right.microtask] ?? .max)
            if a != b { return a < b }
            return left.wins != right.wins ? left.wins > right.wins : left.model < right.model
        }
    }

    private static func exclusions(_ facts: JobFacts) -> [Exclusion] {
        struct Key: Hashable {
            let microtask: String
            let exclusion: JobFacts.Answer.Exclusion
        }
        var counts: [Key: Int] = [:]
        for answer in facts.answers {
            for exclusion in Set(answer.exclusions) {
                counts[Key(microtask: answer.microtask, exclusion: exclusion), default: 0] += 1
            }
        }
        let order = facts.microtasks
        let rows = counts.map { key, count in
            Exclusion(
                microtask: key.microtask, model: key.exclusion.model, kind: key.exclusion.kind,
                rules: key.exclusion.rules, messages: count)
        }
        func place(_ row: Exclusion) -> (Int, String, String) {
            (order.firstIndex(of: row.microtask) ?? .max, row.model, row.kind + row.rules.joined(separator: " "))
        }
        return rows.sorted { place($0) < place($1) }
    }

    private static func processes(_ facts: JobFacts) -> [Processes] {
        var rows: [[String]: Processes] = [:]
        var cpu: [[String]: Int64] = [:]
        for process in facts.processes {
            let key = [process.role, process.model]
            var row = rows[key] ?? Processes(role: process.role, model: process.model)
            row.jails += 1
            row.peakBytes = max(row.peakBytes, process.peakBytes)
            row.causes[process.cause, default: 0] += 1
            cpu[key, default: 0] += process.cpuNs
            row.cpuNs = String(cpu[key] ?? 0)
            rows[key] = row
        }
        return rows.values.sorted { ($0.role, $0.model) < ($1.role, $1.model) }
    }

    private static func totals(_ facts: JobFacts) -> Totals {
        let heading = facts.heading
        let busy = facts.spans.isEmpty ? nil : BusyTime.union(facts.spans.map { (start: $0.startNs, end: $0.endNs) })
        let share = busy.flatMap { busy in
            heading.wallNs > 0 ? Int64((min(1, Double(busy) / Double(heading.wallNs)) * 1e9).rounded()) : nil
        }
        return Totals(
            cost: heading.cost, currency: heading.currency, wallNs: String(heading.wallNs),
            modelNs: busy.map { String($0) }, modelShare: share)
    }
}
