// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
public import RoomStore

/// What a person should look at: an answer that left, or that could not leave whole.
public struct ReviewItem: Codable, Equatable, Sendable {
    /// The message's file name.
    public let message: String
    public let microtask: String
    /// `low-confidence`, the code of a failure or denial, or `always`: the graph asks for it.
    public let why: String
    /// `answered`, `unsure`, `failed` or `denied`.
    public let state: String
    /// Whose answer left; absent when none did.
    public let model: String?
    /// `right` or `wrong` when somebody has decided, by `atomic feedback`; then nobody needs to look any more.
    public let decided: String?
}

extension RoomView {
    /// The microtasks because of which messages of a job ended as needs-review, in the order of the messages.
    ///
    /// Beside a microtask that failed there may be nothing that a person can decide; it stays in the list.
    public func reviews(_ job: JobRow) throws -> [ReviewItem] {
        let always = Set(try graph(of: job).microtasks.filter { $0.review?.always == true }.map(\.id))
        let feedback = try feedback(job.id)
        let names = Dictionary(try inputs(of: job).map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
        let waiting = Set(try inputs(job.id).filter { $0.state == InputState.needsReview.rawValue }.map(\.number))
        return try microtasks(job.id).compactMap { row in
            let id = String(row.id.drop { $0 != "/" }.dropFirst())
            let state = MicrotaskState(rawValue: row.state)
            guard waiting.contains(row.number), let state, let name = names[row.number] else { return nil }
            let why: String
            switch state {
            case .unsure, .failed, .denied: why = row.code ?? row.state
            case .answered where always.contains(id): why = "always"
            case .answered, .skipped: return nil
            }
            return ReviewItem(
                message: name, microtask: id, why: why, state: row.state, model: state.hasAnswer ? row.model : nil,
                decided: feedback[row.id]?.outcome)
        }
    }
}
