// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Daemon

@Suite("A watch over a maildir")
struct WatchTests {
    @Test("Messages are handled in the order of their names, each once, and what came meanwhile after them")
    func order() {
        var machine = WatchStateMachine(once: false)
        #expect(machine.next == .list)
        machine.listed(["2.b", "1.a", ".hidden"].map { MaildirName($0) })
        #expect(machine.next == .handle(MaildirName("1.a")))
        machine.changed()
        machine.handled(MaildirName("1.a"))
        #expect(machine.next == .handle(MaildirName("2.b")))
        machine.handled(MaildirName("2.b"))
        #expect(machine.next == .list)
        machine.listed([])
        #expect(machine.next == .wait)
        machine.changed()
        #expect(machine.next == .list)
    }

    @Test("With once it ends when the directory is empty, and not before")
    func once() {
        var machine = WatchStateMachine(once: true)
        machine.listed([MaildirName("1.a")])
        machine.handled(MaildirName("1.a"))
        #expect(machine.next == .list)
        machine.listed([MaildirName("2.b")])
        machine.handled(MaildirName("2.b"))
        machine.listed([])
        #expect(machine.next == .end)
    }

    @Test("Told to stop, no other message is begun")
    func stop() {
        var machine = WatchStateMachine(once: false)
        machine.listed([MaildirName("1.a"), MaildirName("2.b")])
        machine.handled(MaildirName("1.a"))
        machine.stop()
        #expect(machine.next == .end)
    }

    @Test("A name keeps its base and gets its flags, whatever it was")
    func names() {
        #expect(MaildirName("1.M2P3.host").inCur(flags: "").text == "1.M2P3.host:2,")
        #expect(MaildirName("1.host:2,S").inCur(flags: "F").text == "1.host:2,F")
        #expect(MaildirName("1.host").inCur(flags: "F", copy: 2).text == "1.host-2:2,F")
        let long = MaildirName(String(repeating: "a", count: 255))
        #expect(long.inCur(flags: "").bytes.count == 255)
        #expect(long.inCur(flags: "", copy: 2) == long)
    }

    @Test(
        "Only names that can name an answer are good",
        arguments: ["a*b", "a?b", "a\nb", "a\u{7f}b", "ä", String(repeating: "a", count: 201)])
    func badNames(name: String) {
        #expect(!MaildirName(name).isGood)
        #expect(MaildirName("1700000000.M1P2.host\\057a,S=12").isGood)
    }

    @Test("What is no message is refused by its kind, and nothing is replaced when a message moves on")
    func kinds() throws {
        let path = try temporaryDirectory()
        defer { removeTree(path) }
        for part in ["new", "cur", "tmp"] { try Files.createDirectory("\(path)/\(part)") }
        let maildir = try Maildir(path)
        try Files.writeDurably([1], to: "\(path)/new/1.good")
        try Files.createDirectory("\(path)/new/2.directory")
        try Files.writeDurably([2], to: "\(path)/cur/1.good:2,")
        // SAFETY: the strings are passed as NUL-terminated copies for the calls only.
        #expect(unsafe symlink("/etc/passwd", "\(path)/new/3.link") == 0)
        #expect(try maildir.list().map(\.text).sorted() == ["1.good", "2.directory", "3.link"])
        #expect(maildir.refusal(of: MaildirName("1.good")) == nil)
        #expect(maildir.refusal(of: MaildirName("2.directory")) == "directory")
        #expect(maildir.refusal(of: MaildirName("3.link")) == "symlink")
        #expect(maildir.refusal(of: MaildirName("4.gone")) == "gone")
        #expect(try maildir.moveOn(MaildirName("1.good"), flags: "").text == "1.good-2:2,")
        #expect(try Files.read("\(path)/cur/1.good:2,") == [2])
        #expect(try Files.read("\(path)/cur/1.good-2:2,") == [1])
        #expect(throws: DaemonError(.maildir, "", remedy: "")) {
            _ = try maildir.moveOn(MaildirName("1.good"), flags: "")
        }
    }

    @Test("A directory without new/ and cur/ is not a maildir")
    func noMaildir() throws {
        let path = try temporaryDirectory()
        defer { removeTree(path) }
        #expect(throws: DaemonError(.maildir, "", remedy: "")) { _ = try Maildir(path).path }
    }
}

func temporaryDirectory() throws -> String {
    let path = "/tmp/atomic-daemon-\(Hex.encode(RandomBytes.make(8)))"
    try Files.createDirectory(path, mode: 0o700)
    return path
}

/// Removes a tree of a few files.
func removeTree(_ path: String) {
    for name in (try? Files.list(path)) ?? [] {
        let inside = "\(path)/\(name)"
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        guard unsafe lstat(inside, &status) == 0 else { continue }
        if status.st_mode & S_IFMT == S_IFDIR { removeTree(inside) } else { try? Files.remove(inside) }
    }
    // SAFETY: the string is passed as a NUL-terminated copy for the call only.
    _ = unsafe rmdir(path)
}
