// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Sealing
import Testing

@testable import Executors

/// What is registered is what runs: by digest, whatever happens to the host or to the disk afterwards.
@Suite(.serialized)
struct RegistryTests {
    private func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
        try Files.writeDurably(Array(text.utf8), to: path, mode: mode)
    }

    /// A bundle of a dynamic C program that answers by a library of the host, and that library.
    private func linkedBundle(_ directory: String, answer: String) throws -> (bundle: String, library: String) {
        let bundle = "\(directory)/bundle"
        let libraries = "\(directory)/lib"
        try Files.createDirectory("\(bundle)/sample")
        try Files.createDirectory(libraries)
        try write(
            "#include <stdio.h>\nint verdict(void) { puts(\"S \(answer)\"); return 0; }\n", to: "\(directory)/v.c")
        try write("int verdict(void); int main(void) { return verdict(); }\n", to: "\(directory)/m.c")
        let library = "\(libraries)/libverdict.so"
        try ExecutorFixture.shell(["/usr/bin/cc", "-shared", "-fPIC", "-o", library, "\(directory)/v.c"])
        let program = "\(directory)/program"
        if !Files.exists(program) {
            try ExecutorFixture.shell([
                "/usr/bin/cc", "-o", program, "\(directory)/m.c", library, "-Wl,-rpath,\(libraries)",
            ])
        }
        try write("Subject: sample\n\nsample\n", to: "\(bundle)/sample/one.eml")
        try write(
            """
            name: linked
            version: "1"
            licence: MIT
            tasks: [{type: spam, schema: "urn:atomic:schema:spam:v1"}]
            protocol: oneshot
            argv: [\(program)]
            image: {closure: {programs: [\(program)]}}
            profile: executor
            prices: {call: "0.00001 EUR", cpuSecond: "0 EUR", kibibyte: "0 EUR"}
            bid: {fixed: {confidence: 0.5, cost: "0 EUR", latency: 5ms}}
            answer: {exit: {0: {spam: true}}, confidence: {regex: '^S ([0-9.]+)$'}}

            """, to: "\(bundle)/model.yaml")
        return (bundle, library)
    }

    private func confidence(_ model: RegisteredModel, _ launcher: Launcher) throws -> Int64 {
        let session = try ExecutorSession(
            model, image: model.stage(with: launcher), launcher: launcher, profiles: ExecutorFixture.profiles)
        defer { _ = try? session.end() }
        return try session.answer().confidence
    }

    @Test func aHostLibraryThatChangesAfterRegistrationIsNotSeenByTheJail() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let directory = try fixture.room()
        let (bundle, library) = try linkedBundle(directory, answer: "0.25")
        let added = try ModelRegistry.add(
            bundle: bundle, into: "\(directory)/models", launcher: launcher, profiles: ExecutorFixture.profiles)
        #expect(added.samples == 1)
        #expect(try confidence(added.model, launcher) == 250_000_000)

        _ = try linkedBundle(directory, answer: "0.75")
        #expect(try confidence(added.model, launcher) == 250_000_000)
        // The control: the host's program does see it, and registering again gives another model.
        let again = try ModelRegistry.add(
            bundle: bundle, into: "\(directory)/models", launcher: launcher, profiles: ExecutorFixture.profiles)
        #expect(again.model.digest != added.model.digest)
        #expect(try confidence(again.model, launcher) == 750_000_000)

        try Files.remove(library)
        #expect(try confidence(added.model, launcher) == 250_000_000)
    }

    @Test func twoRegistrationsHaveOneDigestAndOneImage() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let models = try (0..<2).map { _ in
            try ModelRegistry.add(
                bundle: fixture.bundle("oneshot-good"), into: fixture.room(), launcher: launcher,
                profiles: ExecutorFixture.profiles
            ).model
        }
        #expect(models[0].digest == models[1].digest)
        #expect(models[0].manifestBytes == models[1].manifestBytes)
        #expect(models[0].directory != models[1].directory)
    }

    @Test func registeringAgainChangesNothingAndRepairsWhatWasDamaged() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let room = try fixture.room()
        func add() throws -> ModelRegistry.Added {
            try ModelRegistry.add(
                bundle: fixture.bundle("good"), into: room, launcher: launcher, profiles: ExecutorFixture.profiles)
        }
        let first = try add()
        #expect(first.isNew)
        #expect(try add().isNew == false)
        try tamper("\(first.model.directory)/image/model/fault")
        let repaired = try add()
        #expect(repaired.isNew && repaired.model.digest == first.model.digest)
        try ModelRegistry.verify(repaired.model)
        #expect(try ModelRegistry.list(in: room).map(\.digest) == [first.model.digest])
        #expect(try ModelRegistry.load(first.model.digest, from: room).name == "fault-good")
    }

    private func tamper(_ path: String) throws {
        var bytes = try Files.read(path)
        bytes[bytes.count / 2] ^= 1
        // In place and with the same length: only the content tells.
        try FileTreeForTests.makeWritable(path)
        try Files.writeDurably(bytes, to: path, mode: 0o555)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (RegistryTests, RegisteredModel) throws -> Void
    }

    static let damages: [Damage] = [
        Damage(testDescription: "a flipped bit in the image") { tests, model in
            try tests.tamper("\(model.directory)/image/model/fault")
        },
        Damage(testDescription: "a missing file of the image") { _, model in
            try Files.remove("\(model.directory)/image/model/fault")
        },
        Damage(testDescription: "a file that became a link") { _, model in
            let path = "\(model.directory)/image/model/fault"
            try Files.writeDurably(Files.read(path), to: "\(model.directory)/elsewhere", mode: 0o555)
            try Files.remove(path)
            // SAFETY: both strings are passed as NUL-terminated copies for the call only.
            #expect(unsafe symlink("../../elsewhere", path) == 0)
        },
        Damage(testDescription: "another list of files") { tests, model in
            try tests.tamper("\(model.directory)/image.json")
        },
    ]

    @Test(arguments: damages)
    func aChangedImageIsRefusedWithExit4(damage: Damage) throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let model = try ModelRegistry.add(
            bundle: fixture.bundle("good"), into: fixture.room(), launcher: launcher, profiles: ExecutorFixture.profiles
        ).model
        _ = try model.stage(with: launcher)
        try ModelRegistry.verify(model)
        try damage.apply(self, model)
        let staging = #expect(throws: ExecutorError.self) { _ = try model.stage(with: launcher) }
        #expect(staging?.code == .imageChanged && staging?.exit == .unverified, "\(String(describing: staging))")
        let verifying = #expect(throws: ExecutorError.self) { try ModelRegistry.verify(model) }
        #expect(verifying?.code == .imageChanged)
    }

    @Test func aFileAddedToAnImageIsFoundAndNeverRuns() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let model = try ModelRegistry.add(
            bundle: fixture.bundle("good"), into: fixture.room(), launcher: launcher, profiles: ExecutorFixture.profiles
        ).model
        try write("extra", to: "\(model.directory)/image/model/zzz")
        #expect(throws: ExecutorError(.imageChanged, "", remedy: "")) { try ModelRegistry.verify(model) }
        _ = try model.stage(with: launcher)
    }

    @Test func aChangedManifestIsRefusedBeforeItIsBelieved() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let room = try fixture.room()
        let model = try ModelRegistry.add(
            bundle: fixture.bundle("good"), into: room, launcher: launcher, profiles: ExecutorFixture.profiles
        ).model
        try tamper("\(model.directory)/manifest.json")
        #expect(throws: ExecutorError(.imageChanged, "", remedy: "")) {
            try ModelRegistry.load(model.digest, from: room)
        }
    }

    @Test func aSampleThatAnswersDifferentlyInTheJailIsRefused() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        let directory = try fixture.room()
        let (bundle, _) = try linkedBundle(directory, answer: "0.5")
        // A program that reads a file of the host that its closure does not name: 0.9 outside, 0.1 inside.
        try write("x", to: "\(directory)/fact")
        try write(
            "#include <stdio.h>\n#include <unistd.h>\nint main(void) { puts(access(\"\(directory)/fact\", F_OK) ? "
                + "\"S 0.1\" : \"S 0.9\"); return 0; }\n", to: "\(directory)/m.c")
        try ExecutorFixture.shell(["/usr/bin/cc", "-o", "\(directory)/program", "\(directory)/m.c"])
        let error = #expect(throws: ExecutorError.self) {
            _ = try ModelRegistry.add(
                bundle: bundle, into: "\(directory)/models", launcher: launcher, profiles: ExecutorFixture.profiles,
                comparingOutside: true)
        }
        #expect(error?.code == .sample)
        #expect(try ModelRegistry.list(in: "\(directory)/models").isEmpty)
        // The control: with the file in the closure it is accepted.
        let yaml = String(decoding: try Files.read("\(bundle)/model.yaml"), as: UTF8.self)
        let parts = yaml.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix("image:") ? $0.dropLast(2) + ", files: [\(directory)/fact]}}" : $0
        }
        try write(parts.joined(separator: "\n"), to: "\(bundle)/model.yaml")
        let added = try ModelRegistry.add(
            bundle: bundle, into: "\(directory)/models", launcher: launcher, profiles: ExecutorFixture.profiles)
        #expect(try confidence(added.model, launcher) == 900_000_000)
    }

    /// Registering a stranger's bundle must not run it with the caller's rights: it runs in the jail and nowhere else.
    @Test func aBundlesProgramRunsOutsideTheJailOnlyWhenAsked() throws {
        let fixture = try ExecutorFixture.shared.get()
        let launcher = try fixture.launcher()
        func runs(comparingOutside: Bool) throws -> Bool {
            let directory = try fixture.room()
            let (bundle, _) = try linkedBundle(directory, answer: "0.5")
            try write(
                "#include <stdio.h>\n#include <unistd.h>\n#include <fcntl.h>\nint main(void) { "
                    + "int fd = open(\"\(directory)/was-here\", O_CREAT | O_WRONLY, 0644); (void)fd; "
                    + "puts(\"S 0.5\"); return 0; }\n", to: "\(directory)/m.c")
            try ExecutorFixture.shell(["/usr/bin/cc", "-o", "\(directory)/program", "\(directory)/m.c"])
            _ = try ModelRegistry.add(
                bundle: bundle, into: "\(directory)/models", launcher: launcher, profiles: ExecutorFixture.profiles,
                comparingOutside: comparingOutside)
            return Files.exists("\(directory)/was-here")
        }
        #expect(try !runs(comparingOutside: false))
        // The control: the same program leaves its mark where it is allowed to run.
        #expect(try runs(comparingOutside: true))
    }

    @Test func anUnregisteredDigestIsSaidToBeSo() throws {
        #expect(throws: ExecutorError(.notRegistered, "", remedy: "")) {
            try ModelRegistry.load(Digest.sha256([]), from: "/nonexistent")
        }
    }
}

enum FileTreeForTests {
    static func makeWritable(_ path: String) throws {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe chmod(path, 0o644) == 0 else { throw TestProblem("chmod \(path)") }
    }
}
