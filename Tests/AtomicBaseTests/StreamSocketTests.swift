// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

/// A library must not let its process die of a peer that went away.
@Suite struct StreamSocketTests {
    @Test func aPeerThatWentAwayRaisesNoSignal() throws {
        #expect(try raised { try Files.send([1], over: $0, named: "peer") } == false)
        // The control: the plain write does raise it, and the look finds it.
        #expect(try raised { try Files.write([1], to: $0, named: "peer") } == true)
    }

    @Test func allBytesArrive() throws {
        let ends = try pair()
        let near = OwnedFD(adopting: ends[0])
        let far = OwnedFD(adopting: ends[1])
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try Files.send(bytes, over: near.raw, named: "peer")
        shutdown(near.raw, Int32(SHUT_WR))
        #expect(try Files.read(far.raw, named: "peer", limit: 200_000) == bytes)
    }

    private func pair() throws -> [Int32] {
        var ends: [Int32] = [-1, -1]
        // SAFETY: the array has room for the two descriptors that socketpair writes.
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return ends
    }

    /// Whether SIGPIPE is pending after `send` to a closed peer. It is blocked on this thread meanwhile: a blocked signal is
    /// kept for a later look whatever the process does about it (sigpending(2)).
    private func raised(_ send: (Int32) throws -> Void) throws -> Bool {
        let ends = try pair()
        let near = OwnedFD(adopting: ends[0])
        close(ends[1])
        var pipe = sigset_t()
        var before = sigset_t()
        var pending = sigset_t()
        // SAFETY: every set is valid for the call that fills or reads it.
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        #expect(throws: BaseError.self) { try send(near.raw) }
        unsafe sigpending(&pending)
        guard unsafe sigismember(&pending, SIGPIPE) == 1 else { return false }
        var none = timespec()
        // SAFETY: as above. It takes the signal away, before the mask lets it through.
        return unsafe sigtimedwait(&pipe, nil, &none) == SIGPIPE
    }
}
