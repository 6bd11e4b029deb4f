// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Carries a guest's streams between its port and the supervisor, on a thread of its own, until the machine is gone.
///
/// The guest is hostile: whatever it sends is a frame or the end of it, nothing that it does makes this wait for it, and
/// what it may have waiting here is bounded. Only the thread touches this object until it has been joined.
final class MicroVMPump: @unchecked Sendable {
    /// The most of the channel that waits for the supervisor to read it, beyond what its socket holds.
    private static let backlogLimit = 1 << 20

    private let machine: RunningJail
    private let limits: JailLimits
    private let mode: JailSpec.Output
    private let deadline: UInt64
    private var parser: MicroVMFrame.Parser
    private var channel: Int32
    private var input: Int32

    /// Frames for the guest.
    private var outgoing: ArraySlice<UInt8> = []
    /// Bytes of the channel for the supervisor.
    private var backlog: ArraySlice<UInt8> = []
    private var channelEnded = false
    private var stopped: JailCause?
    private(set) var kept: [UInt8] = []
    private(set) var bytesIn: UInt64 = 0
    private(set) var bytesOut: UInt64 = 0
    private(set) var end: MicroVMEnd?
    private(set) var isLying = false

    /// - Parameters:
    ///   - channel: this side's end of the supervisor's stream, or -1; owned from here on.
    ///   - input: what the program reads on standard input, or -1; owned from here on.
    ///   - deadline: monotonic nanoseconds, the program's wall limit.
    init(
        machine: RunningJail, parser: MicroVMFrame.Parser, channel: Int32, input: Int32, spec: JailSpec,
        deadline: UInt64
    ) {
        self.machine = machine
        self.parser = parser
        self.channel = channel
        self.input = input
        limits = spec.limits
        mode = spec.output
        self.deadline = deadline
        if input < 0 { outgoing = MicroVMFrame.bytes(.inputEnd)[...] }
    }

    deinit {
        for descriptor in [channel, input] where descriptor >= 0 { close(descriptor) }
    }

    private var port: Int32 { machine.channel }

    /// - Parameter early: frames that came with the program's start.
    func run(_ early: [MicroVMFrame]) {
        var open = take(early)
        while open {
            var wanted = [
                pollfd(fd: backlog.count < Self.backlogLimit ? port : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: outgoing.isEmpty ? -1 : port, events: Int16(POLLOUT), revents: 0),
                // Taken only when what was taken before is on its way, so the guest's own pace holds the source back.
                pollfd(fd: outgoing.isEmpty && !channelEnded ? channel : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: backlog.isEmpty ? -1 : channel, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: outgoing.isEmpty ? input : -1, events: Int16(POLLIN), revents: 0),
                // Readable when the machine is gone, even while its port is not listened to.
                pollfd(fd: machine.pidfd, events: Int16(POLLIN), revents: 0),
            ]
            let left = Int64(bitPattern: deadline &- SystemClock.real.monotonic())
            if left <= 0 { stop(.wallLimit) }
            // SAFETY: the array is valid for its own count.
            let ready = unsafe wanted.withUnsafeMutableBufferPointer {
                unsafe poll($0.baseAddress, nfds_t($0.count), left > 0 ? Int32(clamping: left / 1_000_000 + 1) : 1_000)
            }
            if ready < 0 { continue }
            if wanted[3].revents != 0 { passToSupervisor() }
            if wanted[2].revents != 0 { fetchChannel() }
            if wanted[4].revents != 0 { fetchInput() }
            if wanted[1].revents != 0 { passToGuest() }
            if wanted[0].revents != 0 {
                open = fetchFrames()
            } else if wanted[5].revents != 0 {
                // What the machine had sent before it ended is still there to be read.
                while fetchFrames() {}
                open = false
            }
        }
        machine.kill()
        passToSupervisor()
        for descriptor in [channel, input] where descriptor >= 0 { close(descriptor) }
        channel = -1
        input = -1
    }

    /// Why the program ended, when the machine's own end is known.
    func cause(_ machine: JailReport) -> (cause: JailCause, exit: Int32?, signal: Int32?) {
        if let stopped { return (stopped, nil, 9) }
        if isLying { return (.machineFailed, nil, 9) }
        if let end {
            let cause = end.cause(within: limits)
            return end.signal == 0 ? (cause, end.exit, nil) : (cause, nil, end.signal)
        }
        // The guest said nothing any more: the monitor was killed, hit a limit of its own, or its guest's kernel died.
        return machine.cause == .exited ? (.machineFailed, nil, 9) : (machine.cause, nil, machine.signal ?? 9)
    }

    // MARK: - From the guest

    private func fetchFrames() -> Bool {
        guard let chunk = receive(port) else { return false }
        return take(parser.take(chunk))
    }

    /// False when there is nothing more to expect.
    private func take(_ frames: [MicroVMFrame]) -> Bool {
        for frame in frames {
            switch frame.kind {
            case .output: drain(frame.payload, isError: false)
            case .error: drain(frame.payload, isError: true)
            case .channel:
                // Without a channel there is nobody to hear it.
                if channel >= 0 { backlog += frame.payload } else { isLying = true }
            case .channelEnd:
                passToSupervisor()
                if channel >= 0, backlog.isEmpty { _ = shutdown(channel, Int32(SHUT_WR)) }
            case .end:
                end = MicroVMEnd(frame.payload)
                return false
            case .started, .failed: isLying = true
            }
            if isLying { break }
        }
        if parser.isBroken { isLying = true }
        passToSupervisor()
        return !isLying
    }

    private func drain(_ bytes: [UInt8], isError: Bool) {
        let room = limits.outputBytes > bytesOut ? limits.outputBytes - bytesOut : 0
        bytesOut += UInt64(bytes.count)
        let passed = bytes.prefix(Int(min(room, UInt64(bytes.count))))
        switch mode {
        case .discard: break
        case .collect: if !isError { kept.append(contentsOf: passed) }
        case .relay(let output, let error):
            do {
                try Files.write(passed, to: isError ? error : output, named: "standard output")
            } catch {
                stop(.signal)
            }
        }
        if bytesOut > limits.outputBytes { stop(.outputLimit) }
    }

    private func stop(_ cause: JailCause) {
        if stopped == nil { stopped = cause }
        machine.kill()
    }

    private func passToSupervisor() {
        guard channel >= 0, !backlog.isEmpty else { return }
        // SAFETY: the slice is valid for its own length.
        let put = unsafe backlog.withUnsafeBytes { unsafe send(channel, $0.baseAddress, $0.count, 0x4040) }
        if put > 0 { backlog = backlog.dropFirst(put) }
        if put < 0, errno != EAGAIN, errno != EINTR { backlog = [] }
        if backlog.isEmpty { backlog = [] }
    }

    // MARK: - To the guest

    private func passToGuest() {
        // SAFETY: the slice is valid for its own length. MSG_DONTWAIT | MSG_NOSIGNAL.
        let put = unsafe outgoing.withUnsafeBytes { unsafe send(port, $0.baseAddress, $0.count, 0x4040) }
        if put > 0 { outgoing = outgoing.dropFirst(put) }
        if put < 0, errno != EAGAIN, errno != EINTR { outgoing = [] }
        // A new slice, so that what was sent is freed.
        if outgoing.isEmpty { outgoing = [] }
    }

    private func fetchChannel() {
        guard let (bytes, descriptors) = try? DescriptorSocket.receive(from: channel, limit: 65_536), !bytes.isEmpty
        else {
            channelEnded = true
            outgoing = MicroVMFrame.bytes(.channelEnd)[...]
            return
        }
        var frames: [UInt8] = []
        for raw in descriptors {
            let file = OwnedFD(adopting: raw)
            guard frames.isEmpty, let content = Self.content(of: file.raw) else {
                stop(.signal)
                return
            }
            let size = UInt64(content.count)
            frames += MicroVMFrame.bytes(
                .attachment, (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * UInt64($0))) })
            for start in stride(from: 0, to: content.count, by: 65_536) {
                frames += MicroVMFrame.bytes(.attachmentData, content[start..<min(start + 65_536, content.count)])
            }
        }
        outgoing = (frames + MicroVMFrame.bytes(.channel, bytes))[...]
    }

    /// The whole of a memory file: the guest gets one of its own with the same content.
    private static func content(of descriptor: Int32) -> [UInt8]? {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size >= 0,
            UInt64(status.st_size) <= MicroVMFrame.maximumAttachment
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            // SAFETY: the range lies within the buffer.
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(done))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }

    private func fetchInput() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        // SAFETY: the buffer is valid for its own length.
        let got = unsafe read(input, &chunk, chunk.count)
        if got < 0, errno == EINTR || errno == EAGAIN { return }
        guard got > 0 else {
            close(input)
            input = -1
            outgoing = MicroVMFrame.bytes(.inputEnd)[...]
            return
        }
        bytesIn += UInt64(got)
        outgoing = MicroVMFrame.bytes(.input, chunk[..<got])[...]
    }

    /// Nil when the other side is gone; empty when there is nothing yet.
    private func receive(_ socket: Int32) -> ArraySlice<UInt8>? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        // SAFETY: the buffer is valid for its own length. MSG_DONTWAIT.
        let got = unsafe recv(socket, &chunk, chunk.count, 0x40)
        if got < 0 { return errno == EINTR || errno == EAGAIN ? [] : nil }
        return got == 0 ? nil : chunk[..<got]
    }
}
