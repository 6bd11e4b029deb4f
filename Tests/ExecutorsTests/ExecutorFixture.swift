// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Sealing
import Testing

@testable import Executors

struct TestProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The launcher and the fault models, built once for this run, and room directories for tests.
struct ExecutorFixture: Sendable {
    let directory: String

    static let shared = Result { try ExecutorFixture() }
    static let package = Files.parent(of: Files.parent(of: Files.parent(of: #filePath)))
    static let profiles = "\(package)/Policies/seccomp"
    /// Where `scripts/make-demo-models` leaves the real bundles; tests of real models are skipped without them.
    static let demoModels = "\(package)/.demo/models"
    static let hasDemoModels = Files.exists("\(demoModels)/.made-of-naive-bayes")

    private init() throws {
        // Not /tmp: a jail has its own, which would hide programs that lie there.
        let prefix = "atomic-executors-tests-"
        for name in try Files.list("/var/tmp") where name.hasPrefix(prefix) {
            // What a run that is over left behind.
            if let process = Int32(name.dropFirst(prefix.count)), kill(process, 0) != 0, errno == ESRCH {
                FileTree.remove("/var/tmp/\(name)")
            }
        }
        directory = "/var/tmp/\(prefix)\(getpid())"
        try Self.shell(["\(Self.package)/scripts/build-launcher", directory])
        try Self.shell(["\(Self.package)/Tests/Fixtures/models/make-fault-models", "\(directory)/bundles"])
    }

    func launcher() throws -> Launcher { try Launcher.start(executable: "\(directory)/atomic-launcher") }

    func bundle(_ fault: String) -> String { "\(directory)/bundles/fault-\(fault)" }

    /// A new empty directory.
    func room(_ name: String = #function) throws -> String {
        let path = "\(directory)/rooms/\(Hex.encode(RandomBytes.make(6)))"
        try Files.createDirectory(path)
        return path
    }

    /// A fault model, registered in a room of its own and ready to run.
    func session(
        _ fault: String, role: ExecutorSession.Role = .executor, launcher: Launcher
    ) throws -> ExecutorSession {
        let model = try ModelRegistry.add(
            bundle: bundle(fault), into: room(), launcher: launcher, profiles: Self.profiles
        ).model
        return try ExecutorSession(
            model, image: model.stage(with: launcher), launcher: launcher, role: role, profiles: Self.profiles)
    }

    static func memory(_ text: String) throws -> SealedMemory {
        let secret = SecretBytes(copying: Array(text.utf8))
        return try SealedMemory(copying: secret)
    }

    /// Runs a program on the host; throws when it does not end with 0.
    static func shell(_ argv: [String]) throws {
        // SAFETY: the strings are freed after the call that reads them; both arrays end in nil.
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe argv.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("PATH=/usr/bin:/bin"), nil]
        defer { unsafe free(environment[0]) }
        var process: pid_t = 0
        let failure = unsafe posix_spawn(&process, argv[0], nil, nil, &arguments, &environment)
        guard failure == 0 else { throw TestProblem("cannot start \(argv[0]): \(failure)") }
        var status: Int32 = 0
        // SAFETY: waitpid writes one status.
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            throw TestProblem("\(argv.joined(separator: " ")) ended with status \(status)")
        }
    }
}

extension ExecutorSession {
    /// Start, one message, whatever comes of it.
    func answer(_ text: String = "Subject: hello\n\nhello\n") throws -> ExecutorResult {
        let memory = try ExecutorFixture.memory(text)
        try start()
        return try execute(id: "0000/spam", input: memory.fd.raw, schema: .object([:]))
    }
}
