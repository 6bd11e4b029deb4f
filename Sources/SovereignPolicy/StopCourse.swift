// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// The halts and resumes of a room so far, as far as the next one depends on them. The room and whoever verifies it keep the same.
public struct StopCourse: Equatable, Sendable {
    /// Statements of the halts since the last resume, in their order.
    public private(set) var halts: [Digest] = []
    /// Statement of the last resume.
    public private(set) var resume: Digest?

    public init() {}

    /// The course that a statement says it continues, for whoever does not know the entries before it.
    public init(before statement: StopStatement) {
        switch statement.kind {
        case .halt: resume = statement.after
        case .resume: halts = statement.after.map { [$0] } ?? []
        }
    }

    /// While it is, nothing is permitted.
    public var isHalted: Bool { !halts.isEmpty }

    /// What the next statement of a kind has to name as `after`.
    public func predecessor(of kind: StopStatement.Kind) -> Digest? {
        switch kind {
        case .halt: resume
        case .resume: halts.last
        }
    }

    /// Follows a statement that was recorded.
    public mutating func follow(_ kind: StopStatement.Kind, _ digest: Digest) {
        switch kind {
        case .halt: halts.append(digest)
        case .resume:
            halts = []
            resume = digest
        }
    }

    /// Whether a statement may come now.
    /// - Throws: `not-halted`, `replay`.
    public func check(_ statement: StopStatement) throws(PolicyError) {
        switch statement.kind {
        case .halt:
            guard statement.after == resume else {
                throw PolicyError(
                    "replay", "the halt was signed before the room was resumed last", remedy: "sign a new halt")
            }
        case .resume:
            guard isHalted else {
                throw PolicyError("not-halted", "the room is not halted", remedy: "there is nothing to resume")
            }
            guard statement.after == halts.last else {
                throw PolicyError(
                    "replay", "the resume does not name the newest halt of the room",
                    remedy: "look at the newest halt, and have a new resume signed")
            }
        }
    }
}
