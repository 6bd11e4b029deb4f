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
        try require(receipt.items.count == path.microtasks.count, "number of microtasks")
        try require(Set(receipt.items.map(\.microtask)).count == receipt.items.count, "number of microtasks")
        for item in receipt.items {
            guard let microtask = path.microtasks[item.microtask] else {
                throw .failed(.receipt, "the receipt of \(receipt.job) has a microtask \(item.microtask) too many")
            }
            try require(item.input == microtask.input, "input of \(item.microtask)")
            try require(item.cost == microtask.cost, "cost of \(item.microtask)")
            try require(item.latencyNs == microtask.latencyNs, "latency of \(item.microtask)")
            switch microtask.outcome {
            case .released(let response):
                try require(item.state == "answered" && item.code == nil, "state of \(item.microtask)")
                let answer = receipt.answers.first { $0.input == item.input }
                try require(answer?.response == response, "answer to \(item.microtask)")
                try require(answer?.attempts == microtask.attempts, "number of attempts of \(item.microtask)")
                try require(item.model != nil && item.model == microtask.winner, "model of \(item.microtask)")
                try require(
                    item.weights != nil && item.weights == path.weights(of: item.microtask),
                    "weights of \(item.microtask)")
            case .withheld(let code, _):
                try require(["failed", "denied"].contains(item.state), "state of \(item.microtask)")
                try require(item.code == code, "reason of \(item.microtask)")
            case nil:
                try require(false, "outcome of \(item.microtask)")
            }
        }
    }
}
