// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// The way of one input: the unit of release and of recovery.
///
/// ```
/// (auctions) -> key released -> parsed -> features -> microtasks ... -> released | withheld
///      ^                                                 |     |              ^
///      +---------------- a supervisor died --------------+     +-- airlock ---+   what waits for reviewers goes on waiting
/// ```
struct InputPathStateMachine {
    enum Outcome: Equatable {
        case released(response: Digest, review: Bool)
        case withheld(code: String, denied: Bool)
    }

    /// A step before the microtasks: the parser's or the featurizer's.
    enum Step: Equatable {
        case idle
        case running(jail: String)
        case done
        case rejected(code: String)
    }

    /// A jail as the deliveries need it.
    struct Jail {
        let name: String
        let model: String
        let digest: Digest
        let role: JailRole
        /// Whether it has had an input of this job.
        var isUsed = false
    }

    /// An answer in front of its reviewers.
    struct Airlock: Equatable {
        let event: Event.AirlockQueued
        var reviewers: Set<String> = []
        var approvals: Int64 = 0
        var isRejected = false
    }

    let input: Digest
    let graph: Record.TaskGraph
    /// In the order of the graph.
    private(set) var microtasks: [MicrotaskPathStateMachine]
    private(set) var attempt: Int64 = 1
    /// The attempt whose key was released last; what a receipt counts.
    private(set) var attempts: Int64 = 0
    private(set) var parse = Step.idle
    private(set) var features = Step.idle
    var outcome: Outcome?
    /// While and after it waited for reviewers.
    var airlock: Airlock?
    /// As the outcome lists them.
    var results: [Event.MicrotaskResult] = []
    /// Digest of each model that had the input in this attempt.
    private(set) var weights: [String: Digest] = [:]
    private var deliveries: [String: Jail] = [:]

    init(input: Digest, graph: Record.TaskGraph) {
        self.input = input
        self.graph = graph
        microtasks = graph.microtasks.map { _ in MicrotaskPathStateMachine() }
    }

    private var keyIsReleased: Bool { attempts == attempt }

    /// What all microtasks cost, the failed attempts included; nil when the sum cannot be.
    var cost: Int64? {
        microtasks.reduce(0) { sum, path in
            sum.flatMap {
                let next = $0.addingReportingOverflow(path.cost)
                return next.overflow ? nil : next.partialValue
            }
        }
    }

    /// - Throws: the reason why the event cannot happen now.
    mutating func auction(_ id: String, _ event: Event.AuctionHeld) throws(Illegal) {
        try begin(event.attempt)
        let index = try index(of: id)
        try requireReady(index)
        try microtasks[index].auction(
            record: event.record, winner: event.winner, isTrial: event.trial == true)
    }

    mutating func releaseKey(_ id: String, _ event: Event.KeyReleased) throws(Illegal) {
        try begin(event.attempt)
        guard !keyIsReleased else { throw Illegal("the key was released twice for attempt \(attempt)") }
        if id == TaskStep.parse {
            guard let model = event.decision.request.model, graph.parser == nil || graph.parser == model else {
                throw Illegal("the key was released for a parser that the graph does not name")
            }
        } else {
            guard microtasks[try index(of: id)].runner != nil else {
                throw Illegal("a key release without an auction that somebody won")
            }
        }
        attempts = attempt
    }

    mutating func deliver(_ id: String, _ event: Event.InputDelivered, to jail: Jail) throws(Illegal) {
        try begin(event.attempt)
        guard keyIsReleased else {
            throw Illegal("the input was delivered without a key release for attempt \(attempt)")
        }
        guard deliveries[jail.name] == nil else { throw Illegal("the input was delivered twice to \(jail.name)") }
        switch jail.role {
        case .bidder: throw Illegal("a bidder got an input")
        case .parser:
            guard id == TaskStep.parse, graph.parser == nil || graph.parser == event.model else {
                throw Illegal("a parser got an input for \(id)")
            }
            guard !jail.isUsed else { throw Illegal("the parser's jail \(jail.name) got a second input") }
            guard parse == .idle else { throw Illegal("the input was parsed twice") }
            parse = .running(jail: jail.name)
        case .featurizer:
            guard id == TaskStep.features, graph.featurizer == nil || graph.featurizer == event.model else {
                throw Illegal("a featurizer got an input for \(id)")
            }
            guard parse == .done, features == .idle else {
                throw Illegal("features were taken before the message was parsed, or twice")
            }
            features = .running(jail: jail.name)
        case .executor:
            let index = try index(of: id)
            guard microtasks[index].runner == event.model else {
                throw Illegal("the input was delivered to \(event.model), who did not win")
            }
            try requireParsed(index)
        }
        deliveries[jail.name] = jail
        weights[event.model] = jail.digest
    }

    mutating func validate(_ id: String, _ event: Event.OutputValidated) throws(Illegal) {
        try requireUndecided()
        let verdict = try Self.verdict(event)
        guard let jail = deliveries[event.jail], jail.model == event.model else {
            throw Illegal("an output of \(event.model) was judged that never had the input")
        }
        switch id {
        case TaskStep.parse: try Self.finish(&parse, id, event, verdict)
        case TaskStep.features: try Self.finish(&features, id, event, verdict)
        default:
            let index = try index(of: id)
            let microtask = graph.microtasks[index]
            guard jail.role == .executor else { throw Illegal("an output of a \(jail.role) was taken for an answer") }
            guard event.schema == Digest.sha256(microtask.schema.canonical) else {
                throw Illegal("an output was judged by the schema of another microtask")
            }
            guard verdict != .unsure || microtask.review?.below != nil else {
                throw Illegal("an answer is unsure although the graph asks for no confidence")
            }
            try requireParsed(index)
            try microtasks[index].validate(model: event.model, verdict: verdict, code: event.code)
        }
    }

    mutating func settle(_ id: String, _ event: Event.AuctionSettled) throws(Illegal) {
        try begin(event.attempt)
        try microtasks[try index(of: id)].settle(event)
    }

    /// A supervisor took the room: jails are gone, and an input without an outcome begins anew.
    mutating func interrupt() {
        guard outcome == nil, airlock == nil else { return }
        attempt = attempts + 1
        deliveries = [:]
        weights = [:]
        parse = .idle
        features = .idle
        for index in microtasks.indices { microtasks[index].interrupt() }
    }

    func requireOpen() throws(Illegal) {
        switch outcome {
        case .released: throw Illegal("something happened after the answer was released")
        case .withheld: throw Illegal("something happened after the answer was withheld")
        case nil: break
        }
    }

    func index(of id: String) throws(Illegal) -> Int {
        guard let index = graph.microtasks.firstIndex(where: { $0.id == id }) else {
            throw Illegal("the graph has no microtask \(id)")
        }
        return index
    }

    /// Nobody works at an answer that waits for reviewers.
    private func requireUndecided() throws(Illegal) {
        try requireOpen()
        guard airlock == nil else { throw Illegal("something happened while the answer was in the airlock") }
    }

    private func begin(_ number: Int64) throws(Illegal) {
        try requireUndecided()
        guard number == attempt else { throw Illegal("attempt \(number) while it is attempt \(attempt)") }
    }

    /// What a microtask needs has an answer or was skipped, and changes no more from here.
    private mutating func requireReady(_ index: Int) throws(Illegal) {
        let microtask = graph.microtasks[index]
        for need in microtask.needs {
            let place = try self.index(of: need)
            let path = microtasks[place]
            let isSkipped = !path.isBegun && graph.microtasks[place].when != nil
            guard isSkipped || (path.hasAnswer && !path.owesSettlement) else {
                throw Illegal("an auction before \(need) was answered")
            }
        }
        for condition in microtask.when ?? [] {
            guard microtasks[try self.index(of: condition.microtask)].hasAnswer else {
                throw Illegal("an auction although \(condition.microtask), which it depends on, was skipped")
            }
        }
        for need in graph.allNeeds(of: microtask) { microtasks[try self.index(of: need)].close() }
    }

    private func requireParsed(_ index: Int) throws(Illegal) {
        guard !graph.needsParser(graph.microtasks[index]) || parse == .done else {
            throw Illegal("a model had the parsed message before there was one")
        }
    }

    private static func finish(
        _ step: inout Step, _ id: String, _ event: Event.OutputValidated, _ verdict: Verdict
    ) throws(Illegal) {
        guard step == .running(jail: event.jail) else {
            throw Illegal("the output of another jail was taken for \(id)")
        }
        guard event.schema == TaskStep.schemaDigest(of: id), verdict != .unsure else {
            throw Illegal("the output of \(id) was judged by another schema, or for confidence")
        }
        step = verdict == .valid ? .done : .rejected(code: event.code ?? "")
    }

    private static func verdict(_ event: Event.OutputValidated) throws(Illegal) -> Verdict {
        guard let verdict = Verdict(rawValue: event.verdict) else { throw Illegal("no verdict of that name") }
        let isFitting =
            switch verdict {
            case .valid: event.code == nil
            case .unsure: event.code == Verdict.lowConfidence
            case .rejected: event.code != nil && event.code != Verdict.lowConfidence && event.code != "valid"
            }
        guard isFitting else { throw Illegal("a verdict without its reason, or with another's") }
        return verdict
    }
}
