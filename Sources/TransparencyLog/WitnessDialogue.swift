// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A log's side of asking one witness for one checkpoint (C2SP tlog-witness@v1.0.0), without I/O: an answer in, the next step
/// out.
public struct WitnessDialogue: Sendable {
    /// What to do next.
    public enum Step: Equatable, Sendable {
        /// Send a request with this old size and the proof from there.
        case ask(oldSize: UInt64)
        /// Done: the witness signed.
        case signed(Cosignature)
        /// Done: it did not.
        case refused(WitnessRefusal)
    }

    /// How often a witness may name another size: twice is a race with another request of the same log.
    private static let mostConflicts = 3

    /// Who is asked.
    public let witness: CosignatureVerifier
    private let note: SignedNote
    private let head: Checkpoint
    private var oldSize: UInt64
    private var conflicts = 0

    /// A dialogue about a checkpoint.
    /// - Parameter known: the size that the witness signed last as far as one knows; 0 lets it tell.
    public init(with witness: CosignatureVerifier, about note: SignedNote, known: UInt64 = 0) throws(LogError) {
        self.witness = witness
        self.note = note
        head = try Checkpoint(text: note.text)
        oldSize = min(known, head.size)
    }

    /// The first step.
    public var beginning: Step { .ask(oldSize: oldSize) }

    /// What an answer leads to.
    public mutating func receive(_ answer: WitnessAnswer) -> Step {
        switch answer.status {
        case 200: return signature(in: answer.body)
        case 409: return conflict(answer)
        case 422:
            return .refused(
                .init(
                    .otherHistory,
                    "has signed another history of this log: its first \(oldSize) entries are not the ones that were signed"
                ))
        case 403: return .refused(.init(.notTrusted, "does not trust the key that signed the checkpoint"))
        case 404: return .refused(.init(.notTrusted, "does not know this log"))
        case 429, 500...599: return .refused(.init(.unavailable, "cannot answer now (HTTP \(answer.status))"))
        default: return .refused(.init(.unintelligible, "answered HTTP \(answer.status)"))
        }
    }

    private func signature(in lines: [UInt8]) -> Step {
        do throws(LogError) {
            if let found = try note.adding(lines: lines).cosignatures(by: [witness]).first { return .signed(found) }
            return .refused(.init(.unintelligible, "answered without a signature of its key"))
        } catch {
            return .refused(.init(.unintelligible, "answered with what is no signature: \(error.message)"))
        }
    }

    private mutating func conflict(_ answer: WitnessAnswer) -> Step {
        guard let size = answer.conflictingSize else {
            return .refused(.init(.unintelligible, "answered a conflict without the size of the tree"))
        }
        if size > head.size {
            return .refused(
                .init(
                    .longerHistory(size),
                    "has signed a longer history of this log: \(size) entries, and here are \(head.size)"))
        }
        if size == oldSize, size == head.size {
            return .refused(
                .init(
                    .otherHistory, "has signed another history of this log: other entries up to the same size \(size)"))
        }
        conflicts += 1
        guard size != oldSize, conflicts <= Self.mostConflicts else {
            return .refused(.init(.unavailable, "names one size after the other"))
        }
        oldSize = size
        return .ask(oldSize: size)
    }
}

/// Why a witness did not sign.
public struct WitnessRefusal: Equatable, Sendable {
    /// What kind of refusal.
    public enum Kind: Equatable, Sendable {
        /// It signed a tree of this size, which is larger than the log: the log was rolled back, or is older here.
        case longerHistory(UInt64)
        /// It signed a tree that this log does not extend: a split view.
        case otherHistory
        /// It is not set up for this log or its key.
        case notTrusted
        /// It cannot be reached, or cannot answer now.
        case unavailable
        /// It does not speak the protocol.
        case unintelligible
    }

    /// What kind of refusal.
    public let kind: Kind
    /// For a person; the witness's name comes before it.
    public let message: String

    /// A refusal.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether it says that the log is not what the witness saw.
    public var isAboutHistory: Bool {
        switch kind {
        case .longerHistory, .otherHistory: true
        case .notTrusted, .unavailable, .unintelligible: false
        }
    }
}
