// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle

/// How far one input is in its task graph, without I/O: which microtasks may begin, and what follows from their ends.
///
/// A microtask begins when everything that it needs has an end, its conditions hold, and the message is parsed where it
/// wants that. A need that failed or was denied is a failure of who needs it; a skipped one is not.
struct GraphProgress {
    /// How a microtask ended on this input.
    struct End: Equatable {
        let state: MicrotaskState
        /// Of answered and unsure ones.
        var value: JSONValue?
        /// Whose answer it is.
        var model: String?
        /// A closed code; absent for answered and skipped ones.
        var code: String?
        /// Of denied ones.
        var decision: RecordedDecision?
    }

    /// What the parser made of the input.
    enum Parsing: Equatable {
        case unneeded
        case due
        case done
        case failed(End)
    }

    let graph: Record.TaskGraph
    /// Microtasks that begin when the message has its features, or has none: somebody is to be shown what it is like.
    let waiting: Set<String>
    private(set) var parsing: Parsing
    private var running: Set<String> = []
    private var isConcluded = false
    private(set) var ends: [String: End] = [:]

    init(graph: Record.TaskGraph, waitingForFeatures waiting: Set<String> = []) {
        self.graph = graph
        self.waiting = waiting
        parsing = graph.needsParser ? .due : .unneeded
    }

    /// Whether every microtask has an end, and nobody is still at the message: an answer leaves when all else is done,
    /// although what was parsed may not be needed any more.
    var isFinished: Bool { parsing != .due && ends.count == graph.microtasks.count }

    /// Microtasks that may begin now, in the order of the graph; they count as begun.
    mutating func begin() -> [Record.TaskGraph.Microtask] {
        var ready: [Record.TaskGraph.Microtask] = []
        // Once through is enough: needs are earlier ones.
        for microtask in graph.microtasks where ends[microtask.id] == nil && !running.contains(microtask.id) {
            guard microtask.needs.allSatisfy({ ends[$0] != nil }) else { continue }
            if let end = endWithoutRunning(microtask) {
                ends[microtask.id] = end
            } else if parsing != .due || !(graph.needsParser(microtask) || waiting.contains(microtask.id)) {
                running.insert(microtask.id)
                ready.append(microtask)
            }
        }
        return ready
    }

    /// The parser is done with the message, or failed.
    mutating func parsed(_ result: Parsing) { parsing = result }

    /// A microtask that was begun has an end.
    mutating func finish(_ id: String, _ end: End) {
        running.remove(id)
        ends[id] = end
    }

    /// How every microtask of the graph ended, in its order: given once, to who concludes the input; nil before the end
    /// and to everybody else.
    mutating func conclude() -> [(microtask: Record.TaskGraph.Microtask, end: End)]? {
        guard isFinished, !isConcluded else { return nil }
        isConcluded = true
        return graph.microtasks.compactMap { microtask in ends[microtask.id].map { (microtask, $0) } }
    }

    private func endWithoutRunning(_ microtask: Record.TaskGraph.Microtask) -> End? {
        if microtask.needs.contains(where: { [.failed, .denied].contains(ends[$0]?.state) }) {
            return End(state: .failed, code: "needs-failed")
        }
        if let when = microtask.when, !when.allSatisfy(holds) { return End(state: .skipped) }
        if case .failed(let end) = parsing, graph.needsParser(microtask) { return end }
        return nil
    }

    private func holds(_ condition: Record.TaskGraph.Condition) -> Bool {
        guard var value = ends[condition.microtask]?.value else { return false }
        for member in condition.path {
            guard let next = value[member] else { return false }
            value = next
        }
        // By their canonical form: 1 and 1.0 are one number (RFC 8785).
        let canonical = value.canonical
        return condition.anyOf.contains { $0.canonical == canonical }
    }
}
