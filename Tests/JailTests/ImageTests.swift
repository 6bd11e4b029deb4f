// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

/// Writes one executable file into an image.
func stage(_ bytes: [UInt8], as name: String, in directory: Int32) throws {
    // SAFETY: the string is passed as a NUL-terminated copy for the call only.
    let file = unsafe openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
    guard file >= 0 else { throw TestProblem("openat \(name): \(errno)") }
    defer { close(file) }
    try Files.write(bytes, to: file, named: name)
}

@Suite struct ImageTests {
    private func victimImage(_ launcher: Launcher, _ fixture: Fixture) throws -> ImageHandle {
        let bytes = try Files.read(fixture.victim)
        return try launcher.stageImage(Digest.sha256(bytes), bytes: 8 << 20, inodes: 16) { directory in
            try stage(bytes, as: "victim", in: directory)
        }
    }

    private func spec(_ fixture: Fixture, _ image: ImageHandle, _ arguments: [String]) throws -> JailSpec {
        var spec = try fixture.spec(arguments)
        spec.root = .image(image)
        spec.mounts = []
        return spec
    }

    @Test func imageIsTheWholeRoot() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        let image = try victimImage(launcher, fixture)
        #expect(try launcher.launch(spec(fixture, image, ["look", "/usr"])).wait().exit == 1)
        #expect(try launcher.launch(spec(fixture, image, ["look", "/proc/self"])).wait().exit == 0)
        #expect(try launcher.launch(spec(fixture, image, ["create", "/tmp/x"])).wait().exit == 0)
        #expect(try launcher.launch(spec(fixture, image, ["create", "/x"])).wait().exit == 1)
    }

    @Test func sealedImageCannotBeChangedByWhoeverFilledIt() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        var kept: Int32 = -1
        defer { close(kept) }
        _ = try launcher.stageImage(Digest.sha256([]), bytes: 1 << 20, inodes: 8) { directory in
            kept = fcntl(directory, F_DUPFD_CLOEXEC, 3)
            try stage([1], as: "while-open", in: kept)
        }
        #expect(throws: TestProblem.self) { try stage([1], as: "later", in: kept) }
        #expect(errno == EROFS)
    }

    @Test func imageWithAnOpenWriterIsRefused() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        var open: Int32 = -1
        defer { close(open) }
        #expect(throws: JailError("image-seal", "", remedy: "")) {
            try launcher.stageImage(Digest.sha256([]), bytes: 1 << 20, inodes: 8) { directory in
                // SAFETY: the string is passed as a NUL-terminated copy for the call only.
                open = unsafe openat(directory, "x", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            }
        }
    }

    @Test(arguments: ["dev", "proc", "tmp"]) func linkInPlaceOfAMountPointLeadsNowhere(_ name: String) throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        let bait = "\(fixture.directory)/bait-\(name)"
        try Files.createDirectory(bait)
        let bytes = try Files.read(fixture.victim)
        #expect(throws: JailError.self) {
            let image = try launcher.stageImage(Digest.sha256(bytes), bytes: 8 << 20, inodes: 16) { directory in
                try stage(bytes, as: "victim", in: directory)
                // SAFETY: the strings are passed as NUL-terminated copies for the call only.
                #expect(unsafe symlinkat(bait, directory, name) == 0)
            }
            _ = try launcher.launch(spec(fixture, image, ["status"])).wait()
        }
        #expect(try Files.list(bait).isEmpty, "the launcher followed a link of the image")
    }

    @Test func imageIsNotOnAnyPathOfTheHost() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        _ = try victimImage(launcher, fixture)
        let mounts = String(decoding: try Files.read("/proc/self/mountinfo"), as: UTF8.self)
        #expect(!mounts.contains("atomic-image"))
    }

    @Test func partOfAnImageCanBeMountedAndItsLinksStayInside() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        let bytes = try Files.read(fixture.victim)
        let image = try launcher.stageImage(Digest.sha256(bytes), bytes: 8 << 20, inodes: 32) { directory in
            try stage(bytes, as: "victim", in: directory)
            // SAFETY: the strings are passed as NUL-terminated copies for the calls only.
            let made =
                unsafe mkdirat(directory, "data", 0o755) == 0 && mkdirat(directory, "here", 0o755) == 0
                && symlinkat("/../../../etc", directory, "escape") == 0
            guard made else { throw TestProblem("mkdirat: \(errno)") }
        }
        var good = try spec(fixture, image, ["look", "/here"])
        good.mounts = [JailMount(.image(image, path: "/data"), at: "/here", noexec: true)]
        #expect(try launcher.launch(good).wait().exit == 0)
        var bad = good
        bad.mounts = [JailMount(.image(image, path: "/escape"), at: "/here")]
        #expect(throws: JailError("mount-source", "", remedy: "")) { try launcher.launch(bad) }
    }

    @Test func supervisorsLauncherTakesNothingFromTheHost() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        #expect(throws: JailError("mount-source", "", remedy: "")) { try launcher.launch(fixture.spec(["status"])) }
        let image = try victimImage(launcher, fixture)
        var spec = try spec(fixture, image, ["status"])
        spec.mounts = [JailMount(.host("/etc"), at: "/etc")]
        #expect(throws: JailError("mount-source", "", remedy: "")) { try launcher.launch(spec) }
        // Control: the caller's own launcher takes both.
        #expect(try fixture.start(.caller).launch(fixture.spec(["status"])).wait().exit == 0)
    }

    @Test func droppedImageIsGoneAndRunningJailsKeepIt() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start(.none)
        let image = try victimImage(launcher, fixture)
        let running = try launcher.launch(spec(fixture, image, ["echo-channel"]), channel: true)
        try launcher.dropImage(image)
        #expect(throws: JailError("image", "", remedy: "")) { try launcher.launch(spec(fixture, image, ["status"])) }
        try Files.write(Array("still here".utf8), to: running.channel, named: "channel")
        #expect(try running.wait().exit == 0)
    }
}
