// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// The supervisor's end of descriptor 3: lines out, with a memory file beside them where one is named, bytes in.
///
/// Nothing here waits past its deadline, whatever the other side does: not reading is met like not writing.
/// Descriptors that an executor tries to send are dropped by the kernel, because nothing here offers room for them.
struct ExecutorChannel {
    enum Event {
        case bytes(ArraySlice<UInt8>)
        case hungUp
        case timedOut
    }

    // Glibc's MSG_ constants are an enumeration in some module maps and integers in others.
    private static let noWait: Int32 = 0x40
    private static let noSignal: Int32 = 0x4000

    /// Borrowed.
    let descriptor: Int32
    private(set) var sent: UInt64 = 0
    private(set) var received: UInt64 = 0
    /// Asked every few milliseconds while waiting, where money can run out before time does.
    var isOverdrawn: (() -> Bool)?

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Writes a whole line. Nil when it is written; otherwise what prevented it.
    ///
    /// - Parameters:
    ///   - attachment: a descriptor that travels with the line by SCM_RIGHTS (unix(7)).
    ///   - deadline: monotonic nanoseconds.
    mutating func send(_ line: [UInt8], attachment: Int32?, deadline: UInt64) -> Event? {
        var done = 0
        while done < line.count {
            let put = Self.send(line[done...], attachment: done == 0 ? attachment : nil, on: descriptor)
            if put > 0 {
                done += put
                sent += UInt64(put)
            } else if errno == EAGAIN {
                if let event = wait(for: Int16(POLLOUT), deadline: deadline) { return event }
            } else if errno != EINTR {
                return .hungUp
            }
        }
        return nil
    }

    /// Waits for bytes and returns what is there, at most 64 KiB.
    mutating func receive(deadline: UInt64) -> Event {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            // Asked first, so that a flood of bytes cannot keep the deadline from being looked at.
            if let event = wait(for: Int16(POLLIN), deadline: deadline) { return event }
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe recv(descriptor, &chunk, chunk.count, Self.noWait)
            if got > 0 {
                received += UInt64(got)
                return .bytes(chunk[..<got])
            }
            if got == 0 || (errno != EAGAIN && errno != EINTR) { return .hungUp }
        }
    }

    /// Whether bytes or a hang-up are waiting although nothing was asked.
    func hasUnaskedBytes() -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // SAFETY: one pollfd, valid for the call.
        return unsafe poll(&waiting, 1, 0) > 0 && waiting.revents & Int16(POLLIN) != 0
    }

    private func wait(for events: Int16, deadline: UInt64) -> Event? {
        while true {
            let left = Int64(bitPattern: deadline &- SystemClock.real.monotonic())
            guard left > 0 else { return .timedOut }
            var waiting = pollfd(fd: descriptor, events: events, revents: 0)
            // SAFETY: one pollfd, valid for the call.
            let longest = isOverdrawn == nil ? left : min(left, CPUAllowance.interval)
            let ready = unsafe poll(&waiting, 1, Int32(clamping: longest / 1_000_000 + 1))
            if ready > 0 { return nil }
            if isOverdrawn?() == true { return .timedOut }
            if ready < 0, errno != EINTR { return .hungUp }
        }
    }

    private static func send(_ bytes: ArraySlice<UInt8>, attachment: Int32?, on descriptor: Int32) -> Int {
        var bytes = Array(bytes)
        // A cmsghdr with one descriptor: length 20, SOL_SOCKET, SCM_RIGHTS, the number, padding to 24 (cmsg(3)).
        let level = UInt64(UInt32(bitPattern: SOL_SOCKET)) | UInt64(1) << 32
        var control: [UInt64] = [20, level, UInt64(UInt32(bitPattern: attachment ?? -1))]
        // SAFETY: every pointer is valid for the one call that uses it.
        return unsafe bytes.withUnsafeMutableBytes { payload in
            unsafe control.withUnsafeMutableBytes { control in
                var part = unsafe iovec(iov_base: payload.baseAddress, iov_len: payload.count)
                return unsafe withUnsafeMutablePointer(to: &part) { part in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = part
                    unsafe message.msg_iovlen = 1
                    if attachment != nil {
                        unsafe message.msg_control = control.baseAddress
                        unsafe message.msg_controllen = control.count
                    }
                    let flags = Self.noWait | Self.noSignal
                    return unsafe sendmsg(descriptor, &message, flags)
                }
            }
        }
    }
}
