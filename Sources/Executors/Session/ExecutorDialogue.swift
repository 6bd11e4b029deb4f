// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The state machine on a channel: one request, one reply, by a deadline.
struct ExecutorDialogue {
    private var machine = ExecutorSessionStateMachine()
    private var channel: ExecutorChannel

    var sent: UInt64 { channel.sent }
    var received: UInt64 { channel.received }
    var isOverdrawn: (() -> Bool)? {
        get { channel.isOverdrawn }
        set { channel.isOverdrawn = newValue }
    }

    init(descriptor: Int32) { channel = ExecutorChannel(descriptor: descriptor) }

    /// - Parameters:
    ///   - attachment: travels with the request; the request names it by its index, 0.
    ///   - deadline: monotonic nanoseconds.
    /// - Throws: ``ExecutorError`` with a code of the run; the caller then kills the executor.
    mutating func ask(
        _ method: ExecutorSessionStateMachine.Method, _ parameters: JSONValue, attachment: Int32? = nil,
        deadline: UInt64
    ) throws(ExecutorError) -> ExecutorSessionStateMachine.Reply {
        if channel.hasUnaskedBytes() {
            // Bytes, or a hang-up since the last answer: the machine knows which of the two is what.
            if case .bytes(let bytes) = channel.receive(deadline: deadline) {
                _ = try reply(machine.received(bytes))
            } else {
                _ = try reply(machine.hungUp())
            }
        }
        var action = machine.request(method, parameters)
        if case .send(let line) = action {
            action = channel.send(line, attachment: attachment, deadline: deadline).map { take($0) } ?? .wait
        }
        while true {
            if let reply = try reply(action) { return reply }
            action = take(channel.receive(deadline: deadline))
        }
    }

    private mutating func take(_ event: ExecutorChannel.Event) -> ExecutorSessionStateMachine.Action {
        switch event {
        case .bytes(let bytes): machine.received(bytes)
        case .hungUp: machine.hungUp()
        case .timedOut: machine.timedOut()
        }
    }

    private func reply(
        _ action: ExecutorSessionStateMachine.Action
    ) throws(ExecutorError) -> ExecutorSessionStateMachine.Reply? {
        switch action {
        case .deliver(let reply): return reply
        case .fail(let code): throw .running(code)
        case .finished: return .shutDown
        case .wait, .send: return nil
        }
    }
}

extension ExecutorError {
    /// The failure of a run. The message is fixed: nothing that a model printed can be in it.
    static func running(_ code: Code, cause: (any Error)? = nil) -> ExecutorError {
        let messages: [Code: String] = [
            .startFailed: "the model's program ended before it was ready",
            .crashed: "the model's program ended while an answer was due",
            .hung: "the model gave no answer in the time allowed",
            .garbage: "the model sent bytes that are not text",
            .oversize: "the model sent more than it may",
            .invalidJSON: "the model sent a line that is not JSON",
            .protocolViolation: "the model broke the executor protocol",
            .modelError: "the model answered that it failed",
            .memoryLimit: "the model's program needed more memory than it may have",
            .pidsLimit: "the model's program started more processes than it may",
            .overBudget: "the model used more CPU time than the job's budget pays for",
            .cpuLimit: "the model's program used more CPU time than it may",
            .fileLimit: "the model's program wrote a larger file than it may",
            .syscall: "the model's program made a system call that its profile refuses",
        ]
        return ExecutorError(
            code, messages[code] ?? "the model failed",
            remedy: "the runner-up takes over; see docs/models.md for the code",
            cause: cause)
    }
}
