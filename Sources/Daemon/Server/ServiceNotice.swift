// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Tells systemd how the service is (sd_notify(3)), when it was started by systemd: datagrams to `$NOTIFY_SOCKET`.
struct ServiceNotice: Sendable {
    /// A path, or `@` and an abstract name.
    let socket: String?

    /// From the environment, which only systemd sets.
    static func fromEnvironment() -> ServiceNotice {
        // SAFETY: getenv returns nil or a NUL-terminated string that is copied at once; nothing sets the environment.
        guard let value = unsafe getenv("NOTIFY_SOCKET") else { return ServiceNotice(socket: nil) }
        return unsafe ServiceNotice(socket: String(cString: value))
    }

    /// Sends `READY=1`, `STOPPING=1` or the like. Nobody who listens is no reason to stop working.
    func send(_ state: String) {
        guard let socket, var address = try? SocketPlace.address(socket) else { return }
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { return }
        let descriptor = OwnedFD(adopting: raw)
        let bytes = Array(state.utf8)
        // The length counts for an abstract name: without the field's own zeros.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + socket.utf8.count)
        // SAFETY: address and bytes are valid for the lengths that are given, for the call only.
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe sendto(descriptor.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
