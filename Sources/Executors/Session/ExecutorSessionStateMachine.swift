// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The supervisor's side of the line protocol on descriptor 3 (JSON-RPC 2.0, one object per line of at most 1 MiB),
/// without I/O: bytes and events in, the action to take out.
///
/// One request is under way at a time. Anything that is not the message that may come now ends the executor: a model
/// that breaks the protocol once is not asked again.
struct ExecutorSessionStateMachine {
    enum Method: String {
        case initialize, bid, feedback, execute, shutdown
    }

    enum Reply: Equatable {
        case initialized(ExecutorIdentity)
        case bid(RawBid)
        case learned
        case answer(value: JSONValue, confidence: Int64)
        case shutDown
    }

    enum Action: Equatable {
        /// Write these bytes, a whole line.
        case send([UInt8])
        /// Read more.
        case wait
        /// The request under way is answered.
        case deliver(Reply)
        /// Kill the executor; it failed by this code.
        case fail(ExecutorError.Code)
        /// The channel closed when that was due.
        case finished
    }

    private enum State: Equatable {
        case created
        case awaiting(Method, id: Int64)
        case idle
        case shutDown
        case failed
    }

    /// Bytes of one line without its newline.
    static let lineLimit = 1 << 20
    /// Bytes of notifications during one request: an executor that only ever reports progress is no use.
    static let notificationLimit = 4 << 20

    private var state = State.created
    private var pending: [UInt8] = []
    /// Bytes of `pending` that are known to hold no newline.
    private var scanned = 0
    private var notified = 0
    private var nextID: Int64

    init(firstID: Int64 = 1) { nextID = firstID }

    /// Begins a request.
    mutating func request(_ method: Method, _ parameters: JSONValue) -> Action {
        switch (state, method) {
        case (.created, .initialize), (.idle, .bid), (.idle, .feedback), (.idle, .execute), (.idle, .shutdown): break
        default: return fail(.protocolViolation)
        }
        // What came while nothing was asked is late or unasked for, and cannot be told apart from a next answer.
        guard pending.isEmpty else { return fail(.protocolViolation) }
        let id = nextID
        nextID += 1
        notified = 0
        state = .awaiting(method, id: id)
        let message: JSONValue = .object([
            "jsonrpc": .string("2.0"), "id": .integer(id), "method": .string(method.rawValue), "params": parameters,
        ])
        return .send(message.canonical + [0x0a])
    }

    /// Takes what was read from the channel.
    mutating func received(_ bytes: some Collection<UInt8>) -> Action {
        guard case .awaiting = state else { return fail(.protocolViolation) }
        pending.append(contentsOf: bytes)
        while case .awaiting(let method, let id) = state {
            guard let end = pending[scanned...].firstIndex(of: 0x0a) else {
                scanned = pending.count
                return pending.count > Self.lineLimit ? fail(.oversize) : .wait
            }
            guard end <= Self.lineLimit else { return fail(.oversize) }
            let line = Array(pending[..<end])
            pending.removeSubrange(...end)
            scanned = 0
            switch ExecutorLine.read(line, awaiting: method, id: id) {
            case .failure(let code): return fail(code)
            case .notification:
                notified += line.count + 1
                if notified > Self.notificationLimit { return fail(.oversize) }
            case .reply(let reply):
                // The answer ends the exchange: more bytes with it are not a second answer but a broken program.
                guard pending.isEmpty else { return fail(.protocolViolation) }
                state = method == .shutdown ? .shutDown : .idle
                return .deliver(reply)
            }
        }
        return .wait
    }

    /// The channel was closed by the other side.
    mutating func hungUp() -> Action {
        switch state {
        case .shutDown: return .finished
        case .failed: return .fail(.crashed)
        case .awaiting(.initialize, _), .created: return fail(.startFailed)
        case .awaiting(.shutdown, _):
            state = .shutDown
            return .finished
        default: return fail(.crashed)
        }
    }

    /// The time for the request under way is over.
    mutating func timedOut() -> Action { fail(.hung) }

    private mutating func fail(_ code: ExecutorError.Code) -> Action {
        state = .failed
        pending = []
        scanned = 0
        return .fail(code)
    }
}
