// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

@testable import Executors

/// Whoever may write in a bundle may do so while it is read. What they cannot do is make a name of it mean a file outside.
@Suite(.serialized)
struct BundleRaceTests {
    /// Turns a file and a directory of the bundle into links that lead out, and back, as fast as it can.
    private static let flipper = """
        import os, random, sys
        bundle, outside = sys.argv[1:3]
        file, folder = bundle + "/weights/a.bin", bundle + "/program/more"
        while True:
            os.symlink(outside + "/secret", bundle + "/.link")
            os.replace(bundle + "/.link", file)
            os.rename(folder, folder + ".away")
            os.symlink(outside, folder)
            os.unlink(folder)
            os.rename(folder + ".away", folder)
            with open(bundle + "/.file", "w") as new: new.write("weights")
            os.replace(bundle + "/.file", file)
            for _ in range(random.choice((0, 1000, 10000, 1000000))): pass
        """

    @Test func aFileThatIsTurnedIntoALinkWhileItIsReadLeadsNowhere() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let bundle = try HostileBundle(fixture)
        defer { FileTree.remove(bundle.directory) }
        bundle.remove("sample")
        try Files.createDirectory("\(bundle.bundle)/program/more")
        try bundle.write("weights", "program/more/secret")
        let process = try HostProgram.start(
            ["/usr/bin/python3", "-I", "-S", "-c", Self.flipper, bundle.bundle, bundle.outside], input: nil,
            output: nil,
            channel: nil)
        defer {
            _ = kill(process, SIGKILL)
            _ = HostProgram.wait(for: process)
        }
        // The control: who follows names sees the secret within the same race.
        func followed(_ path: String) -> Bool {
            (try? Files.read("\(bundle.bundle)/\(path)", limit: 1 << 10)) == Array("secret-4711".utf8)
        }
        let deadline = SystemClock.real.monotonic() + 20_000_000_000
        var (file, folder) = (false, false)
        while !(file && folder), SystemClock.real.monotonic() < deadline {
            if followed("weights/a.bin") { file = true }
            if followed("program/more/secret") { folder = true }
        }
        #expect(file && folder, "the race was never won: the test shows nothing")

        var (registered, refused) = (0, 0)
        for _ in 0..<150 {
            do {
                let model = try bundle.add(launcher).model
                registered += 1
                for path in ["model/weights", "model/program/more/secret"] {
                    let found = try? Files.read("\(model.directory)/image/\(path)")
                    #expect(found == nil || found == Array("weights".utf8))
                }
                #expect(!String(decoding: model.manifestBytes, as: UTF8.self).contains("secret-4711"))
                let secret = Digest.sha256(Array("secret-4711".utf8))
                #expect(!model.manifestBytes.contains(secret))
                #expect(try !Files.read("\(model.directory)/image.json").contains(secret))
            } catch let error as ExecutorError {
                refused += 1
                #expect([.bundle, .closure, .image].contains(error.code), "\(error)")
            }
            FileTree.remove(bundle.models)
        }
        print("while it was turned: \(registered) registered, \(refused) refused")
        #expect(refused > 0 && registered > 0)
    }

    /// Between registering and staging: a link in the place of a directory leads to the very same bytes, and is refused all the same.
    @Test func anImageDirectoryThatBecameALinkIsRefusedWhateverLiesBehindIt() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let bundle = try HostileBundle(fixture)
        defer { FileTree.remove(bundle.directory) }
        let model = try bundle.add(launcher).model
        try launcher.dropImage(model.stage(with: launcher))
        let program = "\(model.directory)/image/model/program"
        for (path, target) in [
            (program, "\(bundle.bundle)/program"), ("\(program)/fault", "\(bundle.bundle)/program/fault"),
        ] {
            // SAFETY: the strings are passed as NUL-terminated copies for the calls only.
            #expect(unsafe rename(path, "\(bundle.directory)/kept") == 0 && symlink(target, path) == 0)
            #expect(
                try Files.read("\(program)/fault") == Files.read("\(bundle.bundle)/program/fault"), "the same bytes")
            #expect(throws: ExecutorError(.imageChanged, "", remedy: "")) { try model.stage(with: launcher) }
            // SAFETY: as above.
            #expect(unsafe unlink(path) == 0 && rename("\(bundle.directory)/kept", path) == 0)
        }
        try launcher.dropImage(model.stage(with: launcher))
    }

    @Test func nothingOutsideOfADirectoryIsOpened() throws {
        let fixture = try ExecutorFixture.shared.get()
        let bundle = try HostileBundle(fixture)
        defer { FileTree.remove(bundle.directory) }
        try bundle.link("a.bin", "weights/link")
        try bundle.link("weights", "folder")
        let root = try ContainedDirectory(bundle.bundle)
        func opens(_ path: String) -> Bool {
            if case .some = root.open(path) { true } else { false }
        }
        #expect(opens("weights/a.bin"))
        for path in [
            "../outside/a.bin", "weights/../../outside/a.bin", "/etc/passwd", "weights/link", "folder/a.bin", "a\0b",
        ] {
            #expect(!opens(path), "\(path)")
        }
        // The control: all of them but the last are there.
        #expect(Files.exists("\(bundle.bundle)/weights/link") && Files.exists("\(bundle.bundle)/folder/a.bin"))
    }
}

extension [UInt8] {
    fileprivate func contains(_ digest: Digest) -> Bool { String(decoding: self, as: UTF8.self).contains(digest.hex) }
}
