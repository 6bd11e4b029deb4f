// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a witness decides about a request (C2SP tlog-witness@v1.0.0), without I/O: request and stored state in, answer and new
/// state out.
///
/// Whoever runs it makes the new state durable *before* it signs and answers, and lets nobody else ask about the same log
/// meanwhile: otherwise two requests that race would roll the log back, each with a cosignature.
public struct WitnessStateMachine: Sendable {
    /// The newest tree of a log that the witness has signed for.
    public struct Head: Equatable, Sendable {
        /// Entries in the tree.
        public let size: UInt64
        /// Its RFC 6962 root.
        public let root: Digest

        /// A head.
        public init(size: UInt64, root: Digest) {
            self.size = size
            self.root = root
        }

        /// What a witness knows of a log that it never saw.
        public static let none = Head(size: 0, root: MerkleTree.emptyRoot)
    }

    /// What to do with a request.
    public enum Judgement: Equatable, Sendable {
        /// Make the head durable, then cosign the text and answer 200 with the signature line.
        case cosign(Head, text: [UInt8])
        /// Answer this; nothing changes.
        case refuse(WitnessAnswer)
    }

    /// A request whose log is known and has signed it; `judge` it against the state of that log.
    public struct Admitted: Sendable {
        /// Which log.
        public let origin: String
        fileprivate let request: WitnessRequest
        fileprivate let checkpoint: Checkpoint
    }

    private let logs: [String: [NoteVerifier]]

    /// A witness of these logs. Several keys of one name are keys of one log, any of which may sign.
    public init(logs keys: [NoteVerifier]) {
        logs = Dictionary(grouping: Set(keys), by: \.name)
    }

    /// Reads a body and checks who signed it, before any state is looked at.
    /// - Throws: the refusal: 400, 403, 404 or 413.
    public func admit(_ body: [UInt8]) throws(WitnessAnswer) -> Admitted {
        guard body.count <= WitnessRequest.maximumBytes else { throw .tooLarge }
        let request: WitnessRequest
        let checkpoint: Checkpoint
        do throws(LogError) {
            request = try WitnessRequest(bytes: body)
            checkpoint = try Checkpoint(text: request.note.text)
        } catch {
            throw .malformed(error.message)
        }
        guard let keys = logs[checkpoint.origin] else { throw .unknownLog }
        do throws(LogError) {
            try request.note.verified(by: keys)
        } catch {
            throw .unsigned
        }
        guard request.oldSize <= checkpoint.size else {
            throw .malformed("the old size \(request.oldSize) is above the checkpoint's \(checkpoint.size)")
        }
        return Admitted(origin: checkpoint.origin, request: request, checkpoint: checkpoint)
    }

    /// Compares an admitted request with the newest head that was signed for this log.
    public static func judge(_ admitted: Admitted, latest: Head) -> Judgement {
        let request = admitted.request
        let checkpoint = admitted.checkpoint
        guard request.oldSize == latest.size else { return .refuse(.conflict(latest.size)) }
        if checkpoint.size == latest.size, checkpoint.root != latest.root { return .refuse(.conflict(latest.size)) }
        // From nothing every tree follows, so nothing is there to prove; a proof all the same is not one.
        let holds =
            latest.size == 0
            ? request.proof.isEmpty
            : MerkleTree.verifyConsistency(
                oldSize: latest.size, oldRoot: latest.root, newSize: checkpoint.size, newRoot: checkpoint.root,
                proof: request.proof)
        guard holds else { return .refuse(.inconsistent) }
        return .cosign(Head(size: checkpoint.size, root: checkpoint.root), text: request.note.text)
    }
}

/// A witness's answer as HTTP carries it.
public struct WitnessAnswer: Error, Equatable, Sendable {
    /// Type of a body that is a tree size.
    public static let sizeType = "text/x.tlog.size"

    /// HTTP status.
    public let status: Int
    /// Media type of the body.
    public let contentType: String
    /// The body.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, contentType: String = "text/plain; charset=utf-8", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    private init(_ status: Int, _ why: String) { self.init(status: status, body: Array((why + "\n").utf8)) }

    /// The signature line of the witness.
    public static func signed(_ signature: SignedNote.Signature) -> Self { Self(status: 200, body: signature.line) }
    /// The request is not one.
    public static func malformed(_ why: String) -> Self { Self(400, why) }
    /// No trusted key of the log signed the checkpoint.
    public static let unsigned = Self(403, "no key that is trusted for this log signed the checkpoint")
    /// The witness does not watch this log.
    public static let unknownLog = Self(404, "this witness does not know the log")
    /// The old size, or at the same size the root, is not what the witness signed last.
    public static func conflict(_ size: UInt64) -> Self {
        Self(status: 409, contentType: sizeType, body: Array("\(size)\n".utf8))
    }
    /// The body is larger than any request.
    public static let tooLarge = Self(413, "a request has at most \(WitnessRequest.maximumBytes) bytes")
    /// The proof does not lead from the tree that the witness signed to the one that it shall sign.
    public static let inconsistent = Self(422, "the proof does not show that the log only grew")

    /// The tree size in the body of a conflict; nil when it has none.
    public var conflictingSize: UInt64? {
        guard status == 409, contentType == Self.sizeType, body.count <= 21, body.last == 0x0a,
            let text = String(validating: body.dropLast(), as: UTF8.self), let size = UInt64(text), String(size) == text
        else { return nil }
        return size
    }
}
