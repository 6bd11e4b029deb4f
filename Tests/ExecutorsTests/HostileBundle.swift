// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail

@testable import Executors

/// A bundle of one static program, two mounts and a sample, in a directory of its own: good as it is, and then made worse.
struct HostileBundle {
    /// Holds `bundle`, `outside` (not part of it) and, once something is registered, `models`.
    let directory: String
    var bundle: String { "\(directory)/bundle" }
    var outside: String { "\(directory)/outside" }
    var models: String { "\(directory)/models" }

    static let manifest = """
        name: hostile
        version: "1"
        licence: MIT
        tasks: [{type: spam, schema: "urn:atomic:schema:spam:v1"}]
        protocol: oneshot
        argv: [/model/program/fault, oneshot-good]
        image: {closure: {}}
        mounts: [{source: program, target: /model/program}, {source: weights/a.bin, target: /model/weights}]
        profile: executor
        limits: {memory: 64MiB, wall: 10s, cpu: 5s, processes: 4, output: 4KiB}
        prices: {call: "0.00001 EUR", cpuSecond: "0 EUR", kibibyte: "0 EUR"}
        bid: {fixed: {confidence: 0.5, cost: "0 EUR", latency: 5ms}}
        answer: {exit: {0: {spam: true}, 1: {spam: false}}, confidence: {regex: '^[SH] ([0-9.]+)$'}}

        """

    init(_ fixture: ExecutorFixture) throws {
        directory = try fixture.room()
        for path in ["bundle/program", "bundle/weights", "bundle/sample", "outside"] {
            try Files.createDirectory("\(directory)/\(path)")
        }
        try write(Self.manifest, "model.yaml")
        try write("weights", "weights/a.bin")
        try write("Subject: sample\n\nsample\n", "sample/one.eml")
        try Files.writeDurably(
            Files.read("\(fixture.bundle("oneshot-good"))/fault"), to: "\(bundle)/program/fault", mode: 0o755)
        // What only its owner may read, outside of the bundle.
        try Files.writeDurably(Array("secret-4711".utf8), to: "\(outside)/secret", mode: 0o600)
        try Files.writeDurably(Array("weights".utf8), to: "\(outside)/a.bin")
    }

    func write(_ text: String, _ path: String, mode: UInt32 = 0o644) throws {
        try write(Array(text.utf8), path, mode: mode)
    }

    func write(_ bytes: [UInt8], _ path: String, mode: UInt32 = 0o644) throws {
        try Files.writeDurably(bytes, to: "\(bundle)/\(path)", mode: mode)
    }

    func remove(_ path: String) { FileTree.remove("\(bundle)/\(path)") }

    /// Another text in the manifest.
    func change(_ old: String, _ new: String) throws {
        let text = Self.manifest.replacing(old, with: new)
        guard text != Self.manifest else { throw TestProblem("the manifest has no “\(old)”") }
        try write(text, "model.yaml")
    }

    func link(_ target: String, _ path: String) throws {
        remove(path)
        // SAFETY: both strings are passed as NUL-terminated copies for the call only.
        guard unsafe symlink(target, "\(bundle)/\(path)") == 0 else { throw TestProblem("symlink: \(errno)") }
    }

    func node(_ kind: UInt32, _ path: String, device: UInt = 0) throws {
        remove(path)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe mknod("\(bundle)/\(path)", kind | 0o644, device) == 0 else { throw TestProblem("mknod: \(errno)") }
    }

    func mode(_ mode: UInt32, _ path: String) throws {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe chmod("\(bundle)/\(path)", mode) == 0 else { throw TestProblem("chmod: \(errno)") }
    }

    func hardLink(_ source: String, _ path: String) throws {
        remove(path)
        // SAFETY: both strings are passed as NUL-terminated copies for the call only.
        guard unsafe Glibc.link(source, "\(bundle)/\(path)") == 0 else { throw TestProblem("link: \(errno)") }
    }

    /// A program for which only the first bytes are looked at, of another kind of machine.
    func foreign(bits: UInt8, machine: UInt8) throws {
        var bytes = try Files.read("\(bundle)/program/fault")
        bytes[4] = bits
        bytes[18] = machine
        bytes[19] = 0
        remove("program/fault")
        try write(bytes, "program/fault", mode: 0o755)
    }

    func add(_ launcher: Launcher) throws -> ModelRegistry.Added {
        try ModelRegistry.add(
            bundle: bundle, into: models, launcher: launcher, profiles: ExecutorFixture.profiles)
    }
}
