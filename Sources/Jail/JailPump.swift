// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Drains a jail's output, relays its input and waits for the launcher's report, on a thread of its own.
///
/// Only the thread touches this object until it has been joined.
final class JailPump: @unchecked Sendable {
    let control: Int32
    private var output: Int32
    private var error: Int32
    private var input: JailInput.Relay
    private let mode: JailSpec.Output
    private let limit: UInt64

    private var pending: ArraySlice<UInt8> = []
    private var stopped = false
    private(set) var kept: [UInt8] = []
    private(set) var bytesIn: UInt64
    private(set) var bytesOut: UInt64 = 0
    private(set) var report: LauncherReport?

    init(
        control: Int32, output: Int32, error: Int32, input: JailInput.Relay, mode: JailSpec.Output, limit: UInt64
    ) {
        self.control = control
        self.output = output
        self.error = error
        self.input = input
        self.mode = mode
        self.limit = limit
        bytesIn = input.bytes
    }

    deinit {
        for descriptor in [control, output, error, input.source, input.sink] where descriptor >= 0 {
            close(descriptor)
        }
    }

    /// Runs until the report is there (or the launcher is gone) and both outputs have ended.
    func run() {
        var lost = false
        while !(report != nil || lost) || output >= 0 || error >= 0 {
            var wanted = [
                pollfd(fd: report == nil && !lost ? control : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: error, events: Int16(POLLIN), revents: 0),
                // Input is read only when there is room for it, so the jail's own pace holds the source back.
                pollfd(fd: pending.isEmpty ? input.source : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: pending.isEmpty ? -1 : input.sink, events: Int16(POLLOUT), revents: 0),
            ]
            // SAFETY: the array is valid for its own count.
            let ready = unsafe wanted.withUnsafeMutableBufferPointer {
                unsafe poll($0.baseAddress, nfds_t($0.count), -1)
            }
            if ready < 0 { continue }
            if wanted[1].revents != 0 { drain(&output, isError: false) }
            if wanted[2].revents != 0 { drain(&error, isError: true) }
            if wanted[3].revents != 0 { fetchInput() }
            if wanted[4].revents != 0 { passInput() }
            if wanted[0].revents != 0 {
                // A launcher that ended the jail with an order of ours unread resets the connection: the first receive
                // says so (ECONNRESET), and only the second gives the report that it had sent.
                report = receiveReport() ?? receiveReport()
                lost = report == nil
                endInput()
            }
        }
    }

    private func receiveReport() -> LauncherReport? {
        (try? DescriptorSocket.receive(from: control, limit: 256).bytes).flatMap(LauncherReport.init)
    }

    private func read(_ descriptor: Int32) -> ArraySlice<UInt8>? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        // SAFETY: the buffer is valid for its own length.
        let got = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if got < 0 { return errno == EINTR || errno == EAGAIN ? [] : nil }
        return got == 0 ? nil : chunk[..<got]
    }

    private func drain(_ descriptor: inout Int32, isError: Bool) {
        guard let chunk = read(descriptor) else {
            close(descriptor)
            descriptor = -1
            return
        }
        let room = limit > bytesOut ? limit - bytesOut : 0
        bytesOut += UInt64(chunk.count)
        pass(chunk.prefix(Int(min(room, UInt64(chunk.count)))), isError: isError)
        if bytesOut > limit { stop(JailPump.outputLimit) }
    }

    private func pass(_ bytes: ArraySlice<UInt8>, isError: Bool) {
        switch mode {
        case .discard: return
        case .collect: if !isError { kept.append(contentsOf: bytes) }
        case .relay(let output, let error):
            do {
                try Files.write(bytes, to: isError ? error : output, named: "standard output")
            } catch {
                // The reader has gone away, as in `… | head`.
                stop(JailPump.unwanted)
            }
        }
    }

    /// `enum cause` in launcher.h.
    static let unwanted: UInt32 = 1
    static let outputLimit: UInt32 = 7

    private func stop(_ cause: UInt32) {
        if stopped { return }
        stopped = true
        JailPump.order(cause, over: control)
    }

    /// Asks the launcher to kill the jail.
    static func order(_ cause: UInt32, over control: Int32) {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: cause >> (8 * UInt32($0))) }
        // A launcher that is gone has killed the jail.
        try? DescriptorSocket.send(bytes, descriptors: [], over: control)
    }

    private func fetchInput() {
        guard let chunk = read(input.source) else { return endInput() }
        bytesIn += UInt64(chunk.count)
        pending = chunk
    }

    private func passInput() {
        // SAFETY: the slice is valid for its own length. The pipe is non-blocking (see `RunningJail`).
        let wrote = unsafe pending.withUnsafeBytes { unsafe write(input.sink, $0.baseAddress, $0.count) }
        if wrote < 0 {
            if errno != EINTR && errno != EAGAIN { endInput() }
            return
        }
        pending = pending.dropFirst(wrote)
    }

    private func endInput() {
        if input.source >= 0 { close(input.source) }
        if input.sink >= 0 { close(input.sink) }
        input.source = -1
        input.sink = -1
        pending = []
    }

    /// Pipes that this thread writes must not block it: it has the other streams to attend to.
    func prepare() {
        guard input.sink >= 0 else { return }
        _ = fcntl(input.sink, F_SETFL, O_NONBLOCK | O_WRONLY)
    }
}
