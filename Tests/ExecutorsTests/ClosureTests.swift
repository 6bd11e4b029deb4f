// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Executors

/// The closure of programs of this machine.
struct ClosureTests {
    @Test func anELFFileSaysWhatItNeeds() throws {
        let object = try #require(ELFFile(path: "/usr/bin/bogofilter"))
        #expect(object.interpreter == "/lib64/ld-linux-x86-64.so.2")
        #expect(object.needed.contains("libc.so.6"))
        #expect(object.needed.contains { $0.hasPrefix("libdb-") }, "Debian's alternative is the Berkeley DB one")
    }

    @Test(arguments: ["/etc/passwd", "/usr/bin", "/nonexistent", "/dev/null"])
    func whatIsNoELFFileIsNone(path: String) {
        #expect(ELFFile(path: path) == nil)
    }

    /// Every byte of the headers set to everything unlikely: the reader says no or something, and does not trap.
    @Test func aDamagedELFFileDoesNoHarm() throws {
        let fixture = try ExecutorFixture.shared.get()
        let path = "\(fixture.directory)/damaged-\(Hex.encode(RandomBytes.make(4)))"
        let whole = Array(try Files.read("/usr/bin/bogofilter").prefix(8192))
        for (index, value) in (0..<900).flatMap({ index in [0x00, 0x7f, 0xff].map { (index, UInt8($0)) } }) {
            var bytes = whole
            bytes[index] = value
            let file = try Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
            try Files.write(bytes, to: file.raw, named: path)
            if let object = ELFFile(path: path) { #expect(object.needed.count < 5000) }
        }
        try Files.remove(path)
    }

    @Test func aProgramBringsItsInterpreterItsLibrariesAndWhatGlibcOpens() throws {
        var plan = ImagePlan()
        try plan.add(program: "/usr/bin/bogofilter")
        let names = Set(plan.files.keys.map { Files.name(of: $0) })
        for needed in [
            "bogofilter", "ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "gconv-modules.cache", "ISO8859-1.so",
        ] {
            #expect(names.contains(needed), "\(needed)")
        }
        #expect(
            plan.files["usr/bin/bogofilter"] == .host("/usr/bin/bogofilter"), "the link's name, its target's content")
        #expect(plan.links["lib64"] == "usr/lib64" || plan.files.keys.contains { $0.hasPrefix("lib64/") })
    }

    @Test func aMissingProgramIsSaidToBeMissing() {
        for path in ["/usr/bin/no-such-program", "/etc/passwd"] {
            var plan = ImagePlan()
            #expect(throws: ExecutorError(.closure, "", remedy: "")) { try plan.add(program: path) }
        }
    }

    @Test func aProgramThatTheJailsOwnTmpWouldHideIsRefused() throws {
        var plan = ImagePlan()
        #expect(throws: ExecutorError(.closure, "", remedy: "")) { try plan.add("/dev/null") }
        let path = "/tmp/atomic-closure-\(Hex.encode(RandomBytes.make(4)))"
        try Files.writeDurably([1], to: path)
        #expect(throws: ExecutorError(.closure, "", remedy: "")) { try plan.add(path) }
        try Files.remove(path)
    }

    @Test func pythonComesWithItsLibraryAndWithoutTests() throws {
        var plan = ImagePlan()
        try PythonClosure.add(
            ImageClosure.Python(interpreter: "/usr/bin/python3", venv: nil), bundle: "/", to: &plan)
        #expect(plan.files.keys.contains { $0.hasSuffix("/json/__init__.py") })
        #expect(plan.files.keys.contains { $0.contains("/lib-dynload/") })
        #expect(!plan.files.keys.contains { $0.contains("/test/") || $0.contains("__pycache__") })
    }
}
