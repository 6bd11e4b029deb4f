// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc
internal import SovereignPolicy

/// `atomic policy explain`
struct PolicyExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Ask a policy what it would decide, and why.",
        discussion: """
            Example: atomic policy explain ward.yaml --action bid --model bogofilter --class pii --purpose support
                     atomic policy explain ward.yaml --requests questions.jsonl --json

            A request is given by options, or as JSON objects, one per line, in --requests FILE (- for stdin); without \
            either, requests are read from stdin. In JSON a missing "at" denies; with options it is now unless --at says \
            otherwise. Requester and task may be left out. Exits 0 whatever is decided; a line that cannot be read is \
            answered by a denial of kind error.

            Of a denial it says the smallest change that would permit it: of the request, or else of the policy, which takes a \
            quorum. For requests from a file that is done with --changes only, since it decides many more requests.
            """)

    private struct Answer: Encodable {
        let decision: String
        let kind: String
        let rules: [String]
        let clauses: [String]
        let policy: Int64
        let change: Change?

        init(_ decision: PolicyDecision, _ change: SmallestChange?) {
            self.decision = decision.outcome.rawValue
            kind = decision.kind.rawValue
            rules = decision.ruleIDs
            clauses = decision.rules.map { [$0.clause, $0.reason].compactMap { $0 }.joined(separator: "; ") }
            policy = decision.policy
            self.change = change.map { Change(request: $0.request, policy: $0.policy, loosens: $0.loosens) }
        }

        struct Change: Encodable {
            let request: [SmallestChange.Edit]
            let policy: [String]
            let loosens: Bool
        }
    }

    @OptionGroup var options: CommandOptions
    @Argument(help: "The policy: its YAML file or an envelope.")
    var policy: String
    @Option(help: "File with one JSON request per line; - for stdin.")
    var requests: String?
    @Option(help: "One of bid, run, key-release, release, learn.")
    var action: String?
    @Option(help: "Name of the model in the policy.")
    var model: String?
    @Option(name: .customLong("class"), help: "Class of the data; without it the data is unlabelled.")
    var dataClass: String?
    @Option(help: "Purpose of the job.")
    var purpose: String?
    @Option(help: "Name of the requester in the policy.")
    var requester: String?
    @Option(help: "Name of the task graph in the policy, or its digest.")
    var task: String?
    @Option(help: "Time of the decision, RFC 3339 in UTC.")
    var at: String?
    @Option(help: "Verdict of the output's checks: pass or fail.")
    var outputCheck: String?
    @Option(help: "Size of the answer in bytes.")
    var outputBytes: Int64?

    @Flag(help: "Say for each denied request of a file what would permit it.")
    var changes = false

    func validate() throws {
        if action == nil, [model, dataClass, purpose, requester, task, at, outputCheck].contains(where: { $0 != nil }) {
            throw ValidationError("a request by options needs --action")
        }
        if action != nil, requests != nil { throw ValidationError("give --requests or a request by options, not both") }
        if let at, WallTime(rfc3339: at) == nil {
            throw ValidationError("--at is a time in UTC such as 2026-11-21T10:00:00Z")
        }
    }

    func run() throws {
        let source = try PolicySource(policy)
        let evaluator = PolicyEvaluator(source.policy)
        if let action {
            let request = try request(action, source.policy)
            return try answer(evaluator.explain(request), source.policy.smallestChange(for: request))
        }
        let bytes =
            if let requests, requests != "-" { try Files.read(requests) } else {
                try Files.read(0, named: "stdin", limit: 64 << 20)
            }
        for line in bytes.split(separator: 0x0a) where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) {
            let (decision, request) = decision(Array(line), evaluator)
            try answer(decision, changes ? request.flatMap(source.policy.smallestChange) : nil)
        }
    }

    private func request(_ action: String, _ policy: SovereignPolicy) throws -> PolicyRequest {
        var attributes: [String: AttributeValue] = [:]
        if let outputCheck { attributes["output.check"] = .string(outputCheck) }
        if let outputBytes { attributes["output.bytes"] = .integer(outputBytes) }
        let digest = try task.map { name in
            guard let digest = Digest(string: name) ?? policy.tasks[name]?.digest else {
                throw ValidationError("the policy lists no task \(name); it lists \(policy.tasks.keys.sorted())")
            }
            return digest
        }
        return PolicyRequest(
            action: action, at: at.map { WallTime(rfc3339: $0) } ?? SystemClock.real.wall(), model: model,
            class: dataClass, purpose: purpose, requester: requester, task: digest, attributes: attributes)
    }

    /// A line that is no request is denied like anything else that cannot be evaluated.
    private func decision(_ line: [UInt8], _ evaluator: PolicyEvaluator) -> (PolicyDecision, PolicyRequest?) {
        do throws(BaseError) {
            var tree = try JSONValue.parse(line)
            // People name tasks; a decision knows digests.
            if var object = tree.objectValue, let name = object["task"]?.stringValue,
                let digest = evaluator.policy.tasks[name]?.digest
            {
                object["task"] = .string(digest.description)
                tree = .object(object)
            }
            let request = try CanonicalJSON.decode(PolicyRequest.self, from: tree)
            return (evaluator.explain(request), request)
        } catch {
            let rule = DeterminingRule(id: "request", effect: .error, clause: error.message)
            return (
                PolicyDecision(outcome: .deny, kind: .error, rules: [rule], policy: evaluator.policy.sequence), nil
            )
        }
    }

    private func answer(_ decision: PolicyDecision, _ change: SmallestChange?) throws {
        if options.json { return try Console.json(Answer(decision, change)) }
        let by = decision.rules.isEmpty ? "no rule permits it" : "by " + decision.ruleIDs.joined(separator: ", ")
        try Console.line("\(decision.outcome.rawValue) (\(decision.kind.rawValue)) \(by)")
        for rule in decision.rules {
            let why = [rule.clause, rule.reason.map { "“\($0)”" }].compactMap { $0 }.joined(separator: "  ")
            try Console.line("  \(rule.id)  \(rule.effect.rawValue)\(why.isEmpty ? "" : "  \(why)")")
        }
        guard let change else { return }
        let edits = change.request.map { "\($0.attribute) \($0.to)" + ($0.from.map { " instead of \($0)" } ?? "") }
        try Console.line(
            change.loosens
                ? "  it would take another policy, signed by a quorum: \(change.policy.joined(separator: "; "))"
                : "  it would be permitted with \(edits.joined(separator: " and "))")
    }
}
