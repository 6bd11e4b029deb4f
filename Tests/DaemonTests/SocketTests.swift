// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Daemon

@Suite("The socket of a room")
struct SocketTests {
    @Test("A socket of a dead daemon is replaced, and reached through a path of any length")
    func stale() throws {
        let top = try temporaryDirectory()
        defer { removeTree(top) }
        let room = top + "/" + String(repeating: "r", count: 200)
        try Files.createDirectory(room)
        let place = SocketPlace(room: room)
        #expect(try place.connect() == nil ? true : false)
        do {
            let dead = try place.listen()
            #expect(dead.raw >= 0)
        }
        #expect(Files.exists(place.path))
        #expect(try place.connect() == nil ? true : false, "nobody listens there any more")
        let living = try place.listen()
        let client = try place.connect()
        #expect(client == nil ? false : true)
        var status = stat()
        // SAFETY: `status` is a valid stat for the calls.
        #expect(unsafe stat(place.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(unsafe stat(place.directory, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(living.raw >= 0)
        place.remove()
        #expect(!Files.exists(place.path))
    }

    @Test("A directory that leads elsewhere is refused")
    func link() throws {
        let top = try temporaryDirectory()
        defer { removeTree(top) }
        try Files.createDirectory(top + "/elsewhere")
        // SAFETY: the strings are passed as NUL-terminated copies for the call only.
        #expect(unsafe symlink(top + "/elsewhere", top + "/run") == 0)
        #expect(throws: DaemonError(.socket, "", remedy: "")) { _ = try SocketPlace(room: top).listen().raw }
    }

    @Test("systemd hears what the service says, at a path and at an abstract name")
    func notice() throws {
        let top = try temporaryDirectory()
        defer { removeTree(top) }
        for name in [top + "/notify", "@atomic-\(Hex.encode(RandomBytes.make(8)))"] {
            let raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            let receiver = OwnedFD(adopting: raw)
            var address = try SocketPlace.address(name)
            // SAFETY: the address is valid for the length that is given.
            let bound = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(receiver.raw, $0, socklen_t(2 + name.utf8.count))
                }
            }
            #expect(bound == 0)
            ServiceNotice(socket: name).send("READY=1")
            var buffer = [UInt8](repeating: 0, count: 64)
            // SAFETY: the buffer is valid for its own length.
            let got = unsafe recv(receiver.raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            #expect(got == 7 && Array(buffer[..<max(0, got)]) == Array("READY=1".utf8))
        }
        ServiceNotice(socket: nil).send("READY=1")
    }
}
