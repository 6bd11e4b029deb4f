// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore

/// Makes a job's receipt from what the log says, so that a resumed job has the same receipt as an undisturbed one.
struct ReceiptBuilder {
    let job: JobRow
    let microtasks: [MicrotaskRow]
    let modelDigests: [String: Digest]
    let currency: String
    let jailsEnded: Int64
    let wallNs: UInt64

    func receipt(state: String) throws -> Record.Receipt {
        guard let digest = Digest(string: job.digest) else {
            throw RoomError(
                .inconsistent, "the job \(job.id) has no digest", remedy: "delete state.db; it is made again")
        }
        let items = try microtasks.map { row in
            guard let input = Digest(string: row.input) else {
                throw RoomError(
                    .inconsistent, "\(row.id) has no input", remedy: "delete state.db; it is made again")
            }
            return Record.Receipt.Item(
                microtask: row.id, input: input, state: row.state, code: row.code,
                model: row.state == "released" ? row.model : nil,
                weights: row.state == "released" ? row.model.flatMap { modelDigests[$0] } : nil,
                response: row.ciphertext.flatMap { Digest(string: $0) }, attempts: row.attempts, cost: row.cost,
                latencyNs: String(row.latencyNs))
        }
        return Record.Receipt(
            job: job.id, digest: digest, state: state, policy: job.policy, requester: job.requester,
            class: job.dataClass, purpose: job.purpose, assurance: "process", currency: currency,
            budget: .init(cost: job.budgetCost, wall: String(job.budgetWall)), cost: job.cost,
            wallNs: String(wallNs), items: items, deletion: .init(jailsEnded: jailsEnded))
    }
}
