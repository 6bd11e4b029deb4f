// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Ways to somebody else over a socket.
let networkAttacks: [Attack] = [
    .victim("socket-vsock", walls: [["FILTER"]]),
    .victim("socket-netlink", walls: [["FILTER"]]),
    .victim(
        "socket-packet", walls: [["FILTER"], Attack.powers + ["NETWORK_NAMESPACE"]], ordinary: .refusedByTheKernel),
    Attack(
        name: "TCP to the host's loopback", walls: [["FILTER"], ["NETWORK_NAMESPACE"], ["LANDLOCK_NETWORK"]]
    ) { scene in
        let (listener, port) = try loopback()
        defer { close(listener) }
        return try scene.succeeds(["connect-tcp", "\(port)"])
    },
    Attack(
        name: "abstract socket of the host", walls: [["FILTER"], ["NETWORK_NAMESPACE"], ["LANDLOCK_SCOPE"]]
    ) { scene in
        let name = "atomic-test-\(Hex.encode(RandomBytes.make(8)))"
        let listener = try DeniedCallTests.listen(abstract: name)
        defer { close(listener) }
        return try scene.succeeds(["abstract-socket", name])
    },
]

/// A listening socket of 127.0.0.1 and its port.
private func loopback() throws -> (Int32, UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    // SAFETY: a sockaddr_in of its own size, read by one call and written by the other.
    let good = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, length) == 0 && listen(descriptor, 4) == 0
                && getsockname(descriptor, $0, &length) == 0
        }
    }
    guard good else { throw TestProblem("loopback: \(errno)") }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}
