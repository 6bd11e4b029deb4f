// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

@testable import Executors

/// A bundle comes from somebody else. Each bad thing in it has one clear error before anything is built; the same bundle without
/// that one thing is the control.
@Suite(.serialized)
struct HostileBundleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: ExecutorError.Code
        /// What the message must name.
        let object: String
        let spoil: @Sendable (HostileBundle) throws -> Void
        init(
            _ name: String, _ code: ExecutorError.Code, naming object: String,
            _ spoil: @escaping @Sendable (HostileBundle) throws -> Void
        ) {
            (testDescription, self.code, self.object, self.spoil) = (name, code, object, spoil)
        }
    }

    static let manifests: [Case] = [
        .init("a bind of /", .manifest, naming: "model.yaml:8") { try $0.change("source: program", "source: /") },
        .init("an absolute source", .manifest, naming: "model.yaml:8") {
            try $0.change("weights/a.bin", "/etc/passwd")
        },
        .init("a source above", .manifest, naming: "../outside/a.bin") {
            try $0.change("weights/a.bin", "../outside/a.bin")
        },
        .init("a source that goes up and down", .manifest, naming: "weights/../../outside") {
            try $0.change("weights/a.bin", "weights/../../outside/secret")
        },
        .init("a source that is the bundle", .manifest, naming: "model.yaml:8") {
            try $0.change("source: program", "source: .")
        },
        .init("a source with NUL", .manifest, naming: "model.yaml:8") {
            try $0.change("weights/a.bin", #""weights/a.bin\0/x""#)
        },
        .init("a target that hides /proc", .manifest, naming: "/proc") { try $0.change("/model/weights", "/proc") },
        .init("a target in /dev", .manifest, naming: "/dev/null") { try $0.change("/model/weights", "/dev/null") },
        .init("a target in /tmp", .manifest, naming: "/tmp/weights") {
            try $0.change("/model/weights", "/tmp/weights")
        },
        .init("a target in /sys", .manifest, naming: "/sys") { try $0.change("/model/weights", "/sys/x") },
        .init("a target that is the root", .manifest, naming: "model.yaml:8") { try $0.change("/model/weights", "/") },
        .init("a target that goes up", .manifest, naming: "/model/../etc") {
            try $0.change("/model/weights", "/model/../etc")
        },
        .init("the same target twice", .manifest, naming: "/model/program") {
            try $0.change("/model/weights", "/model/program")
        },
        .init("a target in another mount", .manifest, naming: "/model/program/fault") {
            try $0.change("/model/weights", "/model/program/fault")
        },
        .init("10,000 arguments", .manifest, naming: "model.yaml:6") {
            try $0.change("oneshot-good]", String(repeating: "a, ", count: 9_998) + "a]")
        },
        .init("an argument with NUL", .manifest, naming: "model.yaml:6") { try $0.change("oneshot-good", #""a\0b""#) },
        .init("an argument of 5,000 bytes", .manifest, naming: "model.yaml:6") {
            try $0.change("oneshot-good", String(repeating: "a", count: 5_000))
        },
        .init("a program that is no path", .manifest, naming: "model.yaml:6") {
            try $0.change("/model/program/fault,", "fault,")
        },
        .init("the host's root in the closure", .manifest, naming: "model.yaml:7") {
            try $0.change("closure: {}", "closure: {files: [/]}")
        },
        .init("a manifest that is a link", .bundle, naming: "model.yaml") {
            try Files.writeDurably(Array(HostileBundle.manifest.utf8), to: "\($0.outside)/model.yaml")
            try $0.link("../outside/model.yaml", "model.yaml")
        },
        .init("no manifest", .manifest, naming: "model.yaml") { $0.remove("model.yaml") },
    ]

    static let files: [Case] = [
        .init("a source that is a link to a file", .bundle, naming: "weights/a.bin") {
            try $0.link("\($0.outside)/secret", "weights/a.bin")
        },
        .init("a source that is a link within the bundle", .bundle, naming: "weights/a.bin") {
            try $0.link("../program/fault", "weights/a.bin")
        },
        .init("a source that is a link to a directory", .bundle, naming: "program") { try $0.link("/etc", "program") },
        .init("a source behind a link", .bundle, naming: "weights/a.bin") { try $0.link($0.outside, "weights") },
        .init("a link inside a mounted directory", .bundle, naming: "program/more") {
            try $0.link("\($0.outside)/secret", "program/more")
        },
        .init("a link to a directory inside a mounted one", .bundle, naming: "program/more") {
            try $0.link($0.outside, "program/more")
        },
        .init("a sample that is a link", .bundle, naming: "sample/one.eml") {
            try $0.link("\($0.outside)/secret", "sample/one.eml")
        },
        .init("a FIFO", .bundle, naming: "weights/pipe is a FIFO") { try $0.node(S_IFIFO, "weights/pipe") },
        .init("a FIFO as source", .bundle, naming: "weights/a.bin is a FIFO") { try $0.node(S_IFIFO, "weights/a.bin") },
        .init("a FIFO as manifest", .bundle, naming: "model.yaml is a FIFO") { try $0.node(S_IFIFO, "model.yaml") },
        .init("a socket", .bundle, naming: "program/x is a socket") { try $0.node(S_IFSOCK, "program/x") },
        .init("a set-uid program", .bundle, naming: "program/fault") { try $0.mode(0o4755, "program/fault") },
        .init("a set-gid file", .bundle, naming: "weights/a.bin") { try $0.mode(0o2755, "weights/a.bin") },
        .init("a hard link to a file outside", .bundle, naming: "weights/a.bin") {
            try $0.hardLink("\($0.outside)/secret", "weights/a.bin")
        },
        .init("a missing source", .closure, naming: "weights/a.bin") { $0.remove("weights/a.bin") },
    ]

    static let privileged: [Case] = [
        .init("a character device", .bundle, naming: "weights/a.bin is a character device") {
            try $0.node(S_IFCHR, "weights/a.bin", device: 0x0103)
        },
        .init("a block device", .bundle, naming: "program/disk is a block device") {
            try $0.node(S_IFBLK, "program/disk", device: 0x0700)
        },
        .init("a program with capabilities", .bundle, naming: "program/fault") {
            try ExecutorFixture.shell([
                "/usr/bin/python3", "-c",
                "import os, sys; os.setxattr(sys.argv[1], 'security.capability', bytes.fromhex("
                    + "'0100000200200000000000000000000000000000'))", "\($0.bundle)/program/fault",
            ])
        },
    ]

    static let programs: [Case] = [
        .init("a missing program", .closure, naming: "/model/program/absent") {
            try $0.change("program/fault, oneshot-good", "program/absent")
        },
        .init("a missing bidder", .closure, naming: "bid.program") {
            try $0.change("{fixed: {confidence: 0.5, cost: \"0 EUR\", latency: 5ms}}", "{program: [/model/bidder]}")
        },
        .init("a directory as program", .closure, naming: "/model/program,") {
            try $0.change("program/fault, oneshot-good", "program")
        },
        .init("a program that may not be executed", .closure, naming: "/model/program/fault") {
            try $0.mode(0o644, "program/fault")
        },
        .init("a program of another processor", .closure, naming: "64 bit, machine 183") {
            try $0.foreign(bits: 2, machine: 183)
        },
        .init("a 32-bit program", .closure, naming: "32 bit, machine 3") { try $0.foreign(bits: 1, machine: 3) },
        .init("a program of the x32 kind", .closure, naming: "32 bit, machine 62") {
            try $0.foreign(bits: 1, machine: 62)
        },
        .init("words as program", .closure, naming: "/model/program/fault") {
            $0.remove("program/fault")
            try $0.write("echo S 0.9\n", "program/fault", mode: 0o755)
        },
        .init("a script without its interpreter", .closure, naming: "/usr/bin/no-such-shell") {
            $0.remove("program/fault")
            try $0.write("#!/usr/bin/no-such-shell -e\n", "program/fault", mode: 0o755)
        },
        .init("a script that runs itself", .closure, naming: "/model/program/fault") {
            $0.remove("program/fault")
            try $0.write("#!/model/program/fault\n", "program/fault", mode: 0o755)
        },
        .init("a dynamic program without its linker", .closure, naming: "ld-linux") {
            $0.remove("program/fault")
            try $0.write(Files.read("/usr/bin/true"), "program/fault", mode: 0o755)
            // A file by itself brings no libraries; a directory does.
            try $0.change(
                "{source: program, target: /model/program}", "{source: program/fault, target: /model/program/fault}")
        },
        .init("a mount over the program", .closure, naming: "/usr/bin/true") {
            try $0.change("closure: {}", "closure: {programs: [/usr/bin/true]}")
            try $0.write(
                Files.read("\($0.bundle)/model.yaml").replaced("/model/weights", "/usr/bin/true"), "model.yaml")
        },
        .init("a mount over the program's directory", .closure, naming: "/usr") {
            try $0.change("closure: {}", "closure: {programs: [/usr/bin/true]}")
            try $0.write(Files.read("\($0.bundle)/model.yaml").replaced("/model/weights", "/usr"), "model.yaml")
        },
        .init("a mount below the program", .closure, naming: "/usr/bin/true/x") {
            try $0.change("closure: {}", "closure: {programs: [/usr/bin/true]}")
            try $0.write(
                Files.read("\($0.bundle)/model.yaml").replaced("/model/weights", "/usr/bin/true/x"), "model.yaml")
        },
        .init("a secret of the host", .closure, naming: "outside/secret") {
            try $0.change("closure: {}", "closure: {files: [\($0.outside)/secret]}")
        },
        .init("a device of the host", .closure, naming: "/dev/null") {
            try $0.change("closure: {}", "closure: {files: [/dev/null]}")
        },
        .init("an interpreter from the bundle, which would run outside of the jail", .closure, naming: "program/fault")
        {
            try $0.change("closure: {}", "closure: {python: {interpreter: \($0.bundle)/program/fault}}")
        },
    ]

    private func refuse(_ hostile: Case) throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let bundle = try HostileBundle(fixture)
        defer { FileTree.remove(bundle.directory) }
        try hostile.spoil(bundle)
        let error = #expect(throws: ExecutorError.self) { try bundle.add(launcher) }
        #expect(error?.code == hostile.code, "\(String(describing: error))")
        #expect(error?.message.contains(hostile.object) == true, "\(String(describing: error))")
        #expect(error?.remedy.isEmpty == false)
        #expect(error?.description.contains("secret-4711") == false)
        #expect(!Files.exists(bundle.models), "something was left")
    }

    @Test(arguments: manifests) func aHostileManifestIsRefused(_ hostile: Case) throws { try refuse(hostile) }

    @Test(arguments: files) func aHostileFileIsRefused(_ hostile: Case) throws { try refuse(hostile) }

    @Test(.enabled(if: geteuid() == 0, "making devices and capabilities needs root"), arguments: privileged)
    func aHostileFileThatRootMadeIsRefused(_ hostile: Case) throws { try refuse(hostile) }

    @Test(arguments: programs) func aProgramThatCannotBeIsRefused(_ hostile: Case) throws { try refuse(hostile) }

    @Test func theSameBundleWithoutAnyOfTheseIsRegistered() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let bundle = try HostileBundle(fixture)
        defer { FileTree.remove(bundle.directory) }
        // What looks like the above and is none of it: a second name within the bundle, a link that nothing follows.
        try bundle.hardLink("\(bundle.bundle)/weights/a.bin", "weights/b.bin")
        try bundle.link("\(bundle.outside)/secret", "a-link-that-nobody-mounts")
        let added = try bundle.add(launcher)
        #expect(added.isNew && added.samples == 1)
        #expect(try Files.read("\(added.model.directory)/image/model/weights") == Array("weights".utf8))
        #expect(!String(decoding: added.model.manifestBytes, as: UTF8.self).contains("secret-4711"))
    }

    @Test func aScriptWhoseInterpreterIsInTheClosureIsRegistered() throws {
        let fixture = try ExecutorFixture.shared.get()
        let bundle = try HostileBundle(fixture)
        defer { FileTree.remove(bundle.directory) }
        try bundle.change("closure: {}", "closure: {programs: [/usr/bin/dash]}")
        bundle.remove("program/fault")
        try bundle.write("#!/bin/dash\necho S 0.9\n", "program/fault", mode: 0o755)
        #expect(try bundle.add(fixture.launcher()).samples == 1)
    }

    /// An ELF file names libraries and a linker, too, and they are read with the rights of whoever registers.
    @Test(arguments: ["needed", "linker"]) func anELFFileCannotAskForAFileThatIsNotEverybodys(how: String) throws {
        let fixture = try ExecutorFixture.shared.get()
        let bundle = try HostileBundle(fixture)
        defer { FileTree.remove(bundle.directory) }
        let library = "\(bundle.outside)/lib/libprivate.so"
        try Files.createDirectory("\(bundle.outside)/lib")
        try bundle.write("int f(void) { return 0; }\n", "f.c")
        try bundle.write("int f(void); int main(void) { return f(); }\n", "main.c")
        try ExecutorFixture.shell(["/usr/bin/cc", "-shared", "-fPIC", "-o", library, "\(bundle.bundle)/f.c"])
        let program = "\(bundle.outside)/program"
        try ExecutorFixture.shell(
            ["/usr/bin/cc", "-o", program, "\(bundle.bundle)/main.c", library, "-Wl,-rpath,\(bundle.outside)/lib"]
                + (how == "linker" ? ["-Wl,--dynamic-linker,\(bundle.outside)/secret"] : []))
        try bundle.change("closure: {}", "closure: {programs: [\(program)]}")
        if how == "needed" {
            // The control, while everybody may read the library.
            let before = try bundle.add(fixture.launcher())
            #expect(before.samples == 1)
            FileTree.remove(bundle.models)
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            #expect(unsafe chmod(library, 0o600) == 0)
        }
        let error = #expect(throws: ExecutorError.self) { try bundle.add(fixture.launcher()) }
        #expect(error?.code == .closure)
        #expect(error?.message.contains(how == "needed" ? "libprivate.so" : "outside/secret") == true)
        #expect(!Files.exists(bundle.models))
    }
}

extension [UInt8] {
    fileprivate func replaced(_ old: String, _ new: String) -> [UInt8] {
        Array(String(decoding: self, as: UTF8.self).replacing(old, with: new).utf8)
    }
}
