// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore

/// Makes a job's receipt from what the log says, so that a resumed job has the same receipt as an undisturbed one.
struct ReceiptBuilder {
    let job: JobRow
    let inputs: [InputRow]
    let microtasks: [MicrotaskRow]
    let modelDigests: [String: Digest]
    let currency: String
    let jailsEnded: Int64
    let wallNs: UInt64

    func receipt(state: String) throws -> Record.Receipt {
        let digest = try Self.digest(job.digest, of: job.id)
        // What an input cost that has no outcome is in the sum only: nothing left for it.
        let ended = inputs.filter { $0.state != "open" }
        let endedInputs = Set(ended.map(\.input))
        let items = try microtasks.filter { endedInputs.contains($0.input) }.map { row in
            let model = MicrotaskState(rawValue: row.state)?.hasAnswer == true ? row.model : nil
            return Record.Receipt.Item(
                microtask: row.id, input: try Self.digest(row.input, of: row.id), state: row.state, code: row.code,
                model: model, weights: model.flatMap { modelDigests[$0] }, cost: row.cost,
                latencyNs: String(row.latencyNs))
        }
        let answers = try ended.map { row in
            Record.Receipt.Answer(
                input: try Self.digest(row.input, of: job.id), state: row.state, code: row.code,
                response: row.ciphertext.flatMap { Digest(string: $0) }, attempts: row.attempts)
        }
        return Record.Receipt(
            job: job.id, digest: digest, state: state, policy: job.policy, requester: job.requester,
            class: job.dataClass, purpose: job.purpose, assurance: "process", currency: currency,
            budget: .init(cost: job.budgetCost, wall: String(job.budgetWall)), cost: job.cost,
            wallNs: String(wallNs), items: items, answers: answers,
            deletion: .init(jailsEnded: jailsEnded))
    }

    private static func digest(_ text: String, of object: String) throws -> Digest {
        guard let digest = Digest(string: text) else {
            throw RoomError(.inconsistent, "\(object) has no digest", remedy: "delete state.db; it is made again")
        }
        return digest
    }
}
