// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CLinux
internal import Glibc

/// Two descriptors that belong together.
struct DescriptorPair: ~Copyable {
    /// The reading end of a pipe; ours of a socket pair.
    let first: OwnedFD
    /// The writing end of a pipe; the jail's of a socket pair.
    let second: OwnedFD
}

/// Sequenced-packet sockets that carry descriptors (unix(7), SCM_RIGHTS).
enum DescriptorSocket {
    /// Two connected ends, close-on-exec.
    static func pair(_ type: __socket_type) throws(JailError) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        // SAFETY: socketpair writes the two descriptors that the array has room for.
        let made = unsafe socketpair(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
        guard made == 0 else { throw .system("socket", "socketpair") }
        return DescriptorPair(first: OwnedFD(adopting: ends[0]), second: OwnedFD(adopting: ends[1]))
    }

    /// Both ends of a pipe, close-on-exec.
    static func pipe() throws(JailError) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        // SAFETY: pipe2 writes the two descriptors that the array has room for.
        guard unsafe linux_pipe2(&ends, O_CLOEXEC) == 0 else { throw .system("pipe", "pipe2") }
        return DescriptorPair(first: OwnedFD(adopting: ends[0]), second: OwnedFD(adopting: ends[1]))
    }

    /// Sends one packet.
    static func send(_ bytes: [UInt8], descriptors: [Int32], over socket: Int32) throws(JailError) {
        var bytes = bytes
        var control = controlMessage(descriptors)
        // SAFETY: all pointers stay valid for the call, and the lengths are those of the arrays.
        let sent = unsafe bytes.withUnsafeMutableBytes { data in
            unsafe control.withUnsafeMutableBytes { control in
                var part = unsafe iovec(iov_base: data.baseAddress, iov_len: data.count)
                return unsafe withUnsafeMutablePointer(to: &part) { part in
                    var header = unsafe msghdr()
                    unsafe header.msg_iov = part
                    unsafe header.msg_iovlen = 1
                    unsafe header.msg_control = control.isEmpty ? nil : control.baseAddress
                    unsafe header.msg_controllen = control.count
                    return unsafe sendmsg(socket, &header, Int32(MSG_NOSIGNAL))
                }
            }
        }
        guard sent == bytes.count else { throw .launcherGone("sendmsg") }
    }

    /// Receives one packet; its descriptors are close-on-exec and the caller's. Empty when the other side is gone.
    static func receive(from socket: Int32, limit: Int) throws(JailError) -> (bytes: [UInt8], descriptors: [Int32]) {
        var bytes = [UInt8](repeating: 0, count: limit)
        var control = [UInt8](repeating: 0, count: 256)
        var used = 0
        var got = 0
        repeat {
            // SAFETY: as in `send`.
            (got, used) = unsafe bytes.withUnsafeMutableBytes { data in
                unsafe control.withUnsafeMutableBytes { control in
                    var part = unsafe iovec(iov_base: data.baseAddress, iov_len: data.count)
                    return unsafe withUnsafeMutablePointer(to: &part) { part in
                        var header = unsafe msghdr()
                        unsafe header.msg_iov = part
                        unsafe header.msg_iovlen = 1
                        unsafe header.msg_control = control.baseAddress
                        unsafe header.msg_controllen = control.count
                        let got = unsafe recvmsg(socket, &header, Int32(MSG_CMSG_CLOEXEC))
                        return unsafe (got, header.msg_controllen)
                    }
                }
            }
        } while got < 0 && errno == EINTR
        guard got >= 0 else { throw .launcherGone("recvmsg") }
        return (Array(bytes[..<got]), descriptors(in: Array(control[..<used])))
    }

    // struct cmsghdr on 64-bit Linux: length (8 bytes), level, type, then the descriptors, padded to 8.
    private static func controlMessage(_ descriptors: [Int32]) -> [UInt8] {
        guard !descriptors.isEmpty else { return [] }
        var out: [UInt8] = []
        func put(_ value: UInt64, _ count: Int) {
            for shift in 0..<count { out.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(shift)))) }
        }
        put(UInt64(16 + 4 * descriptors.count), 8)
        put(UInt64(SOL_SOCKET), 4)
        put(UInt64(SCM_RIGHTS), 4)
        for descriptor in descriptors { put(UInt64(descriptor), 4) }
        while out.count % 8 != 0 { out.append(0) }
        return out
    }

    private static func descriptors(in control: [UInt8]) -> [Int32] {
        guard control.count >= 16 else { return [] }
        let length = Int(control.littleEndian(at: 0, as: UInt64.self))
        guard control.littleEndian(at: 8, as: Int32.self) == SOL_SOCKET,
            control.littleEndian(at: 12, as: Int32.self) == Int32(SCM_RIGHTS), length <= control.count
        else { return [] }
        return stride(from: 16, to: length, by: 4).map { control.littleEndian(at: $0, as: Int32.self) }
    }
}

extension JailError {
    static func launcherGone(_ call: String) -> JailError {
        JailError(
            .launcherLost, "the launcher is gone (\(call): \(ErrorText.of(errno)))",
            remedy: "run the command again; `atomic doctor` tells whether the launcher starts")
    }
}
