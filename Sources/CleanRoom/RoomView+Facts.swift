// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Auction
internal import AuditBundle
public import Reporting
public import RoomStore
internal import TransparencyLog

/// A job as the room's log and records tell it, for summaries and pages. Works beside the running job.
extension RoomView {
    /// - Parameter items: of the run that just ended, if this is about it: they say what labels said, and spare reading
    ///   an auction record per microtask.
    public func facts(_ job: JobRow, items: [JobItem] = []) throws -> JobFacts {
        let inputs = try inputs(of: job)
        let graph = try graph(of: job)
        let log = try LogReader(room: paths.root)
        let end = min(UInt64(job.lastEntry) + 1, log.size)
        var history = JobHistory(job.id)
        var ended = ""
        // In bounded steps, so that a long job does not have to fit in memory.
        for start in stride(from: UInt64(job.firstEntry), to: end, by: 1_024) {
            for entry in try log.entries(in: start..<min(start + 1_024, end)) {
                history.read(entry)
                ended = entry.wall.rfc3339
            }
        }
        let states = Dictionary(
            try self.inputs(job.id).map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        var facts = JobFacts(
            heading: JobFacts.Heading(
                job: job.id, digest: job.digest, state: job.state, room: configuration.name, task: graph.name,
                dataClass: job.dataClass, purpose: job.purpose, requester: job.requester, policy: job.policy,
                currency: configuration.currency, cost: job.cost, budget: job.budgetCost, wallNs: job.usedNs,
                entries: job.firstEntry...max(job.firstEntry, job.lastEntry), ended: ended),
            microtasks: graph.microtasks.map(\.id),
            messages: inputs.map { input in
                JobFacts.Message(
                    name: input.name, state: states[input.index]?.state ?? "open", code: states[input.index]?.code,
                    latencyNs: history.latencies[input.digest.description])
            }, answers: try answers(job, items, history.denials))
        facts.attempts = history.attempts
        facts.spans = history.spans
        facts.processes = history.processes
        return facts
    }

    /// The inputs of a job in their order.
    func inputs(of job: JobRow) throws -> [Record.Inputs.Item] {
        guard let digest = Digest(string: job.inputs) else { return [] }
        return try records.record(Record.Inputs.self, digest).items
    }

    func graph(of job: JobRow) throws -> Record.TaskGraph {
        guard let digest = Digest(string: job.taskDigest) else {
            throw RoomError(.inconsistent, "the job \(job.id) has no task graph", remedy: "delete state.db")
        }
        return try records.record(Record.TaskGraph.self, digest)
    }

    private func answers(
        _ job: JobRow, _ items: [JobItem], _ denials: [[String]: [String]]
    ) throws -> [JobFacts.Answer] {
        let names = try inputs(of: job).map(\.name)
        let feedback = try feedback(job.id)
        let known = Dictionary(items.map { ([$0.name, $0.microtask], $0) }, uniquingKeysWith: { first, _ in first })
        return try microtasks(job.id).map { row in
            let id = String(row.id.drop { $0 != "/" }.dropFirst())
            var answer = JobFacts.Answer(message: Int(row.number), microtask: id, state: row.state, code: row.code)
            answer.winner = MicrotaskState(rawValue: row.state)?.hasAnswer == true ? row.model : nil
            answer.cost = row.cost
            answer.latencyNs = row.latencyNs
            answer.rules = denials[[row.input, id]] ?? []
            if names.indices.contains(answer.message), let item = known[[names[answer.message], id]] {
                answer.tell(item)
            } else if let digest = row.auction.flatMap({ Digest(string: $0) }), records.contains(digest) {
                // A record that is not there yet belongs to an auction that is being held.
                answer.tell(try AuctionRecord(canonical: records.bytes(digest)))
            }
            // Without labels, what somebody said of the answer since.
            answer.right = answer.right ?? feedback[row.id].map { $0.outcome == "right" }
            return answer
        }
    }
}

extension JobFacts.Answer {
    fileprivate mutating func tell(_ item: JobItem) {
        if rules.isEmpty { rules = item.rules }
        bids = item.bidders.map { .init(model: $0.model, confidence: $0.confidence, price: $0.price) }
        exclusions = item.excluded.map { .init(model: $0.model, kind: $0.kind, rules: $0.rules) }
        why = item.why
        confidence = item.confidence
        right = item.right
    }

    fileprivate mutating func tell(_ record: AuctionRecord) {
        let scores = record.award.scores
        bids = record.input.bids.map { bid in
            let scored = scores.first { $0.digest == bid.digest }
            return .init(model: bid.model, confidence: scored?.probability ?? 0, price: scored?.price ?? 0)
        }
        exclusions = record.input.exclusions.map { .init(model: $0.model, kind: $0.kind, rules: $0.rules) }
        why = Self.why(record)
    }

    private static func why(_ record: AuctionRecord) -> String? {
        guard record.award.winner != nil else { return nil }
        if let prior = record.input.prior.last { return "took over: \(prior.model) \(prior.code)" }
        if record.award.explored { return "exploration" }
        return record.award.ranking.count == 1 ? "only bidder" : "best score"
    }
}
