// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// The one thread that talks to clients: poll(2) over the socket, the signals, the mailbox and every connection.
///
/// It never waits for a client and never for the room: what takes time is done by the desk's threads.
final class Server {
    /// Clients at once; more wait in the socket's queue.
    static let maximumClients = 256

    private let listening: OwnedFD
    private let desk: Desk
    private let mailbox: Mailbox
    private let clock = SystemClock.real
    private var connections: [Mailbox.Client: Connection] = [:]
    private var nextClient: Mailbox.Client = 1
    /// After a failure to accept (no descriptor is left) the socket is left alone until then.
    private var acceptAgain: UInt64 = 0

    init(listening: consuming OwnedFD, desk: Desk, mailbox: Mailbox) {
        self.listening = listening
        self.desk = desk
        self.mailbox = mailbox
    }

    /// Serves until the desk has stopped, or a second signal or the end of the grace does not wait for it.
    ///
    /// - Parameter graceNs: how long work may go on after the first signal, in nanoseconds.
    func run(signals: borrowing StopSignals, graceNs: UInt64, stopping: () -> Void) {
        var end: UInt64?
        while true {
            let now = clock.monotonic()
            if end == nil, desk.isStopWanted {
                end = now &+ min(graceNs, .max - now)
                stopping()
                desk.stop()
            }
            if let end, desk.isIdle || now >= end { break }
            let (signalled, second) = turn(signals: signals, until: end)
            if signalled, second || end != nil { break }
            if signalled { desk.wantStop() }
        }
        desk.abandon()
        deliver()
        for connection in connections.values { connection.flush() }
    }

    /// Waits for something to happen and deals with it.
    private func turn(signals: borrowing StopSignals, until end: UInt64?) -> (signalled: Bool, second: Bool) {
        let clients = Array(connections.values)
        let now = clock.monotonic()
        let mayAccept = connections.count < Self.maximumClients && now >= acceptAgain
        var wanted = [
            pollfd(fd: signals.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: mailbox.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: mayAccept ? listening.raw : -1, events: Int16(POLLIN), revents: 0),
        ]
        for client in clients { wanted.append(pollfd(fd: client.raw, events: client.events, revents: 0)) }
        let deadlines =
            clients.compactMap(\.deadline)
            + [end, mayAccept ? nil : max(acceptAgain, now + 1_000_000_000)].compactMap { $0 }
        // SAFETY: the array is valid for its own count.
        let ready = unsafe poll(&wanted, nfds_t(wanted.count), Self.milliseconds(until: deadlines.min(), now: now))
        guard ready >= 0 else { return (false, false) }
        let after = clock.monotonic()
        let count = wanted[0].revents != 0 ? signals.take() : 0
        deliver()
        if wanted[2].revents != 0 { accept(at: after) }
        for (client, poll) in zip(clients, wanted.dropFirst(3)) {
            attend(client, events: poll.revents, at: after)
        }
        for client in clients where client.isOver {
            connections[client.id] = nil
            desk.leave(client.id)
        }
        return (count > 0, count > 1)
    }

    private func attend(_ client: Connection, events: Int16, at now: UInt64) {
        if events & Int16(POLLIN) != 0 { serve(client.read(at: now), client) }
        if events & Int16(POLLOUT) != 0 { client.flush() }
        if events & Int16(POLLHUP | POLLERR | POLLNVAL) != 0, events & Int16(POLLIN) == 0 { client.hangUp() }
        client.tick(at: now)
    }

    private func serve(_ request: DaemonRequest?, _ client: Connection) {
        guard let request else { return }
        desk.serve(request, for: client.id, uid: client.peer.uid)
    }

    /// Hands what the desk has said to the clients that are still there.
    private func deliver() {
        let now = clock.monotonic()
        for letter in mailbox.take() {
            guard let client = connections[letter.client] else { continue }
            serve(client.send(letter, at: now), client)
        }
    }

    private func accept(at now: UInt64) {
        while connections.count < Self.maximumClients {
            let raw = linux_accept(listening.raw)
            if raw < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno != EAGAIN { acceptAgain = now + 100_000_000 }
                return
            }
            let socket = OwnedFD(adopting: raw)
            guard let peer = try? PeerCredentials(of: raw) else { continue }
            let connection = Connection(id: nextClient, socket: socket, peer: peer, at: now)
            if let refusal = peer.refusal(own: geteuid()) {
                connection.refuse(refusal)
                continue
            }
            connections[nextClient] = connection
            nextClient += 1
        }
    }

    private static func milliseconds(until deadline: UInt64?, now: UInt64) -> Int32 {
        guard let deadline else { return -1 }
        return deadline <= now ? 0 : Int32(clamping: (deadline - now) / 1_000_000 + 1)
    }
}
