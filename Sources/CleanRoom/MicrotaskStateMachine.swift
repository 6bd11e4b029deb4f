// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// How one microtask ended on one input, before its answer may leave.
public enum MicrotaskOutcome: Equatable, Sendable {
    /// A model gave a valid answer.
    case answered
    /// The surest valid answer is less sure than the graph asks for.
    case unsure
    /// No model gave a valid answer, or the input could not be read.
    case failed(code: String)
    /// The policy said no.
    case denied(code: String)
}

/// The way of one microtask from auction to answer. No I/O: every transition returns the action to take.
///
/// Escalation to the runner-up is a transition like the others, so that it happens under the same key release, policy
/// and budget; there is no separate retry loop. An answer that is not sure enough escalates like a failed one, but it
/// stays when nobody else has a better one.
public struct MicrotaskStateMachine: Sendable {
    public enum Action: Equatable, Sendable {
        case holdAuction
        case releaseKey(model: String)
        case execute(model: String)
        case check(model: String)
        /// Award again without the model that just failed.
        case takeOver(failed: String, code: String)
        case finish(MicrotaskOutcome)
    }

    public enum Event: Equatable, Sendable {
        case awarded(model: String)
        /// Nobody can win; `denied` when that is because the policy excluded everybody.
        case noAward(code: String, denied: Bool)
        case keyReleased
        case keyDenied
        case inputUnreadable(code: String)
        case answered
        case executorFailed(code: String)
        case accepted
        /// Valid, and less sure than the graph asks for.
        case unsure(code: String)
        case rejected(code: String)
    }

    /// An event that the state does not expect: a defect of the caller, reported instead of ignored.
    public struct Unexpected: Error, Equatable, Sendable {
        public let event: Event
        public let action: Action
    }

    public private(set) var action: Action = .holdAuction
    private var keyIsReleased = false
    private var hasUnsureAnswer = false

    public init() {}

    /// Takes what happened and returns what to do next.
    public mutating func handle(_ event: Event) throws(Unexpected) -> Action {
        action = try next(event)
        return action
    }

    private mutating func next(_ event: Event) throws(Unexpected) -> Action {
        switch (action, event) {
        case (.holdAuction, .awarded(let model)), (.takeOver, .awarded(let model)):
            return keyIsReleased ? .execute(model: model) : .releaseKey(model: model)
        case (.holdAuction, .noAward(let code, let denied)), (.takeOver, .noAward(let code, let denied)):
            if hasUnsureAnswer { return .finish(.unsure) }
            return .finish(denied ? .denied(code: code) : .failed(code: code))
        case (.releaseKey(let model), .keyReleased):
            keyIsReleased = true
            return .execute(model: model)
        case (.releaseKey(let model), .keyDenied):
            return .takeOver(failed: model, code: "key-release-denied")
        case (.releaseKey, .inputUnreadable(let code)):
            return .finish(.failed(code: code))
        case (.execute(let model), .answered):
            return .check(model: model)
        case (.execute(let model), .executorFailed(let code)), (.check(let model), .rejected(let code)):
            return .takeOver(failed: model, code: code)
        case (.check(let model), .unsure(let code)):
            hasUnsureAnswer = true
            return .takeOver(failed: model, code: code)
        case (.check, .accepted):
            return .finish(.answered)
        default:
            throw Unexpected(event: event, action: action)
        }
    }
}
