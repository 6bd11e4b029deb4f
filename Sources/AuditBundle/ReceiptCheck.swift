// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// Receipts: the bill of each job agrees with the entries it sums up.
enum ReceiptCheck {
    private static let directory = "receipts/"

    /// The receipts of the bundle by job.
    static func receipts(of story: Story, _ code: BundleError.Code) throws(BundleError) -> [String: Record.Receipt] {
        var found: [String: Record.Receipt] = [:]
        for file in story.bundle.files(in: directory) {
            do throws(BaseError) {
                let receipt = try CanonicalJSON.decode(Record.Receipt.self, from: file.content)
                guard file.name == "\(receipt.job).json", receipt.kind == "receipt", receipt.v == 1 else {
                    throw BaseError(.json, "it is not the receipt that its name says", remedy: "")
                }
                found[receipt.job] = receipt
            } catch {
                throw .failed(code, "\(directory)\(file.name): \(error.message)", cause: error)
            }
        }
        return found
    }

    /// - Throws: `receipt`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        var receipts = try receipts(of: story, .receipt)
        let paths: [String: JobPathStateMachine]
        do throws(BundleError) {
            paths = try StateCheck.paths(of: story)
        } catch {
            throw .failed(.receipt, "there is no legal way to compare a receipt with: \(error.message)")
        }
        let count = receipts.count
        for (id, path) in paths {
            guard let ended = path.ended else { continue }
            guard let bytes = story.bundle["\(directory)\(id).json"], let receipt = receipts.removeValue(forKey: id),
                Digest.sha256(bytes) == ended.receipt
            else { throw .failed(.receipt, "the receipt of \(id) is missing or not the one that ended it") }
            try compare(receipt, ended, path)
        }
        if let stray = receipts.keys.min() {
            throw .failed(.receipt, "there is a receipt of \(stray), which did not end")
        }
        return .init(says: "\(count) receipts agree with the entries", signedBy: ["log \(story.room.origin)"])
    }

    private static func compare(
        _ receipt: Record.Receipt, _ ended: Event.JobEnded, _ path: JobPathStateMachine
    ) throws(BundleError) {
        func require(_ holds: Bool, _ what: String) throws(BundleError) {
            guard holds else {
                throw .failed(.receipt, "the receipt of \(receipt.job) has another \(what) than the log")
            }
        }
        let job = path.job
        try require(receipt.digest == job.accepted.digest, "job digest")
        try require(receipt.state == ended.state, "state")
        try require(receipt.policy == job.entry.policy, "policy")
        try require(receipt.requester == job.accepted.requester, "requester")
        try require(receipt.class == job.entry.label?.class, "class")
        try require(receipt.purpose == job.accepted.purpose, "purpose")
        try require(receipt.budget == job.accepted.budget, "budget")
        try require(receipt.cost == ended.cost, "cost")
        try require(receipt.wallNs == ended.wallNs, "time")
        try require(receipt.deletion.jailsEnded == path.jailsEnded, "number of ended jails")
        let inputs = path.inputs.sorted { $0.key < $1.key }.filter { $0.value.outcome != nil }
        try require(receipt.answers.count == inputs.count, "number of answers")
        try require(receipt.items.count == inputs.count * job.graph.microtasks.count, "number of microtasks")
        var items = receipt.items[...]
        for (answer, (number, input)) in zip(receipt.answers, inputs) {
            try require(answer == expected(input), "answer to input \(number)")
            for (place, result) in input.results.enumerated() {
                let name = Record.Inputs.Item.prefix(Int64(number)) + result.id
                guard let item = items.popFirst(), item.microtask == name else {
                    throw .failed(.receipt, "the receipt of \(receipt.job) does not list \(name) where it belongs")
                }
                let microtask = input.microtasks[place]
                let hasAnswer = MicrotaskState(rawValue: result.state)?.hasAnswer == true
                let model = hasAnswer ? result.model : nil
                try require(item.input == input.input, "input of \(name)")
                try require(item.state == result.state, "state of \(name)")
                try require(item.code == result.code, "reason of \(name)")
                try require(item.model == model, "model of \(name)")
                try require(item.weights == model.flatMap { input.weights[$0] }, "weights of \(name)")
                try require((item.weights != nil) == hasAnswer, "weights of \(name)")
                try require(item.cost == microtask.cost, "cost of \(name)")
                try require(item.latencyNs == microtask.latencyNs, "latency of \(name)")
            }
        }
    }

    private static func expected(_ input: InputPathStateMachine) -> Record.Receipt.Answer? {
        switch input.outcome {
        case .released(let response, let review):
            .init(
                input: input.input, state: (review ? InputState.needsReview : .released).rawValue, code: nil,
                response: response, attempts: input.attempts)
        case .withheld(let code, let denied):
            .init(
                input: input.input, state: (denied ? InputState.denied : .failed).rawValue, code: code, response: nil,
                attempts: input.attempts)
        case nil: nil
        }
    }
}
