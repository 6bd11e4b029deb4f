// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc
internal import Synchronization

/// What the threads that work have to say to clients, for the one thread that talks to them.
final class Mailbox: Sendable {
    typealias Client = UInt64

    struct Letter: Sendable {
        let client: Client
        let line: [UInt8]
        let isLast: Bool
    }

    private let letters = Mutex<[Letter]>([])
    private let readEnd: OwnedFD
    private let writeEnd: OwnedFD

    init() throws(DaemonError) {
        var ends: [Int32] = [-1, -1]
        // SAFETY: pipe2 writes the two descriptors that the array has room for.
        guard unsafe linux_pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { throw .system("pipe2", "the mailbox") }
        readEnd = OwnedFD(adopting: ends[0])
        writeEnd = OwnedFD(adopting: ends[1])
    }

    /// Readable when something has changed since ``take()``.
    var raw: Int32 { readEnd.raw }

    func post(_ reply: DaemonReply, to clients: [Client]) {
        guard !clients.isEmpty else { return }
        let line = reply.line()
        letters.withLock { letters in
            for client in clients { letters.append(Letter(client: client, line: line, isLast: reply.isLast)) }
        }
        wake()
    }

    /// Makes the reader look again. A full pipe has woken it already.
    func wake() {
        var byte: UInt8 = 0
        // SAFETY: one byte is valid for the call.
        _ = unsafe write(writeEnd.raw, &byte, 1)
    }

    func take() -> [Letter] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        // SAFETY: the buffer is valid for its own length.
        while unsafe read(readEnd.raw, &buffer, buffer.count) > 0 {}
        return letters.withLock { letters in
            defer { letters = [] }
            return letters
        }
    }
}
