// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable
internal import Sealing
internal import SovereignPolicy

/// Decisions over a thousand rules and a thousand models against Cedar's own engine on the same policies, and the questions
/// about all requests.
@main
enum PolicyBench {
    static let rounds = 15

    static func main() throws {
        let arguments = try Arguments()
        let directory = try arguments.value("work")
        let rounds = arguments.rounds(rounds)
        let key = try SigningKey.generate(.ed25519)
        let policy = Inventory.policy(signedBy: key.publicKey)
        let requests = Inventory.requests(1_000, of: policy)
        let envelope = try PolicyEnvelope.sign(policy, by: key)
        let evaluator = PolicyEvaluator(policy)
        let ours = requests.map { evaluator.decide($0) }
        let cedar = try cedar(policy, requests, directory, arguments.value("python"), rounds)
        try compare(ours, cedar.decisions)

        var decisions: [Double] = []
        var loads: [Double] = []
        var grants: [Double] = []
        var everything: [Double] = []
        var changes: [Double] = []
        let next = Inventory.shut(policy)
        for _ in 0..<rounds {
            var start = Stopwatch.now
            var permitted = 0
            for request in requests where evaluator.decide(request).isPermitted { permitted += 1 }
            decisions.append(Stopwatch.ms(since: start) * 1_000 / Double(requests.count))
            guard permitted == ours.count(where: \.isPermitted) else {
                throw Trouble("decisions differ between rounds")
            }
            start = Stopwatch.now
            let accepted = try PolicyEnvelope.examine(envelope, previous: nil, now: policy.metadata.notBefore)
            _ = PolicyEvaluator(accepted)
            loads.append(Stopwatch.ms(since: start))
            start = Stopwatch.now
            guard !policy.grants(classes: ["c9"]).isEmpty else { throw Trouble("nobody can do anything") }
            grants.append(Stopwatch.ms(since: start))
            start = Stopwatch.now
            _ = policy.grants()
            everything.append(Stopwatch.ms(since: start))
            start = Stopwatch.now
            guard !policy.changes(to: next).isEmpty else { throw Trouble("a forbid more changes nothing") }
            changes.append(Stopwatch.ms(since: start))
        }
        let none = Samples([0])
        let peer = Samples(cedar.seconds.map { $0 * 1e6 / Double(requests.count) })
        let each = Samples(decisions)
        var report = Report("policy")
        report.add(
            Row(
                "decisions per second, 1,000 rules, 1,000 models",
                ours: Samples(decisions.map { 1e6 / $0 }, better: .high),
                peer: "cedarpy", version: cedar.version,
                theirs: Samples(cedar.seconds.map { Double(requests.count) / $0 }, better: .high),
                target: .ratioAtLeast(10)))
        report.add(
            Row(
                "one decision, us", ours: each, peer: "cedarpy", version: cedar.version, theirs: peer,
                target: .atMost(50)))
        for (name, samples, target) in [
            ("who can do what with one class, ms", grants, Target.atMost(50)),
            ("verify the envelope and prepare its policy, ms", loads, .atMost(20)),
            ("what can be done with all 20 classes, ms", everything, .open),
            ("difference to a policy with a forbid more, ms", changes, .open),
        ] {
            report.add(
                Row(name, ours: Samples(samples), peer: "none", version: "", theirs: none, target: target))
        }
        report.print(json: arguments.json)
    }

    /// Both must say the same, or the comparison is worth nothing; what we cannot evaluate does not occur.
    private static func compare(_ ours: [PolicyDecision], _ theirs: [Bool]) throws {
        guard ours.map(\.isPermitted) == theirs else { throw Trouble("Cedar decides otherwise") }
        let permitted = theirs.count { $0 }
        guard permitted * 20 > theirs.count, !ours.contains(where: { $0.kind == .error }) else {
            throw Trouble("\(permitted) of \(theirs.count) requests are permitted: too few say anything")
        }
    }

    private static func cedar(
        _ policy: SovereignPolicy, _ requests: [PolicyRequest], _ directory: String, _ python: String, _ rounds: Int
    ) throws -> (seconds: [Double], decisions: [Bool], version: String) {
        let export = CedarExport(policy)
        try Files.writeVisibly(Array(export.policies.utf8), to: "\(directory)/policies.cedar")
        try Files.writeVisibly(CanonicalJSON.encode(export.entities), to: "\(directory)/entities.json")
        let asked = try requests.map { request throws in
            guard let model = request.model, let name = request.class, let purpose = request.purpose,
                let requester = request.requester, let task = request.task, let at = request.at
            else { throw Trouble("a request is not whole") }
            return JSONValue.object([
                "principal": .string("Model::\"\(model)\""), "action": .string("Action::\"\(request.action)\""),
                "resource": .string("Class::\"\(name)\""),
                "context": .object([
                    "at": .integer(at.nanoseconds), "purpose": .string(purpose), "task": .string(task.description),
                    "requester": .object([
                        "__entity": .object(["type": .string("Requester"), "id": .string(requester)])
                    ]),
                ]),
            ])
        }
        // Nanoseconds are more than JSON's safe integers; the peer reads 64 bits.
        try Files.writeVisibly(Array(Self.text(.array(asked)).utf8), to: "\(directory)/requests.json")
        let output = "\(directory)/cedar.json"
        let script = "exec \"$0\" \"$1\" \"$2\" \"$3\" >\"$4\""
        try Program([
            "/bin/sh", "-c", script, python, "Benchmarks/Programs/cedar.py", directory, String(rounds), output,
        ]).run()
        struct Told: Codable {
            let seconds: [Double]
            let decisions: [Bool]
            let version: String
        }
        let told = try CanonicalJSON.decodeRelaxed(Told.self, from: Files.read(output))
        return (told.seconds, told.decisions, told.version)
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .array(let items): "[" + items.map(text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\"\($0.key)\":" + text($0.value) }.joined(separator: ",") + "}"
        case .string(let string):
            "\"" + string.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
        case .integer(let number): String(number)
        default: "null"
        }
    }
}
