// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// One client: its socket, what it may say next, and what it has still to read.
final class Connection {
    /// Bytes that may wait for a client that does not read; then it is let go. Its job goes on.
    static let outputLimit = 64 << 20

    let id: Mailbox.Client
    let peer: PeerCredentials
    private let socket: OwnedFD
    private var machine: ConnectionStateMachine
    private var output: [UInt8] = []
    private var sent = 0
    private(set) var isClosing = false
    /// Nothing more can be done with it.
    private(set) var isGone = false

    init(id: Mailbox.Client, socket: consuming OwnedFD, peer: PeerCredentials, at now: UInt64) {
        self.id = id
        self.peer = peer
        self.socket = socket
        machine = ConnectionStateMachine(at: now)
    }

    var raw: Int32 { socket.raw }
    var deadline: UInt64? { machine.deadline }
    var hasOutput: Bool { sent < output.count }
    /// All was said and read.
    var isOver: Bool { isGone || isClosing && !hasOutput }

    var events: Int16 {
        var events: Int16 = 0
        if machine.wantsBytes && !isClosing { events |= Int16(POLLIN) }
        if hasOutput { events |= Int16(POLLOUT) }
        return events
    }

    func tick(at now: UInt64) { apply(machine.tick(at: now)) }

    /// Reads what is there.
    /// - Returns: a request to serve.
    func read(at now: UInt64) -> DaemonRequest? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // SAFETY: the buffer is valid for its own length.
        let got = unsafe recv(socket.raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if got < 0 {
            if errno != EAGAIN && errno != EINTR { isGone = true }
            return nil
        }
        return apply(got == 0 ? machine.ended(at: now) : machine.received(buffer[..<got], at: now))
    }

    /// Queues a line of the daemon.
    /// - Returns: the next request, when the line was the last of an answer and another request has arrived already.
    func send(_ letter: Mailbox.Letter, at now: UInt64) -> DaemonRequest? {
        append(letter.line)
        return letter.isLast ? apply(machine.finished(at: now)) : nil
    }

    /// Says why and closes.
    func refuse(_ error: DaemonError) { apply(.refuse(error)) }

    /// Sends what the socket takes now.
    func flush() {
        while hasOutput && !isGone {
            // SAFETY: the range from `sent` lies within `output`.
            let wrote = unsafe output.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    socket.raw, buffer.baseAddress?.advanced(by: sent), buffer.count - sent,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
            if wrote < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { isGone = true }
                return
            }
            sent += wrote
        }
        if !hasOutput {
            output = []
            sent = 0
        }
    }

    func hangUp() { isGone = true }

    @discardableResult
    private func apply(_ action: ConnectionStateMachine.Action?) -> DaemonRequest? {
        switch action {
        case nil: break
        case .serve(let request): return request
        case .refuse(let error):
            append(DaemonReply.failed(.init(error)).line())
            isClosing = true
        case .close: isClosing = true
        }
        return nil
    }

    private func append(_ line: [UInt8]) {
        guard output.count - sent + line.count <= Self.outputLimit + (sent == output.count ? line.count : 0) else {
            isGone = true
            return
        }
        output += line
        flush()
    }
}
