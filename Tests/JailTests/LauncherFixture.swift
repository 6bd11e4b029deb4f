// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

/// The launcher, compiled from source into a directory of this run, and programs to run in jails.
struct Fixture: Sendable {
    let directory: String
    let launcher: String

    /// Built once; the error is kept so that each test that needs it says why it cannot run.
    static let shared = Result { try Fixture() }

    /// The package's root, from where this file was compiled.
    static let package = Files.parent(of: Files.parent(of: Files.parent(of: #filePath)))

    private init() throws {
        directory = "/tmp/atomic-jail-tests-\(getpid())"
        try Files.createDirectory(directory)
        launcher = "\(directory)/atomic-launcher"
        try Self.run(["\(Self.package)/scripts/build-launcher", directory])
        try Self.run(
            ["/usr/bin/cc", "-std=gnu11", "-O1", "-Wall", "-static", "-o", "\(directory)/victim"]
                + Files.list("\(Self.package)/Tests/JailVictims").filter { $0.hasSuffix(".c") }
                .map { "\(Self.package)/Tests/JailVictims/\($0)" })
    }

    /// Runs a program outside any jail; its exit code. Throws when it is not 0.
    @discardableResult
    static func run(_ argv: [String], allowed: Set<Int32> = [0]) throws -> Int32 {
        // SAFETY: the strings are freed after the call that reads them; both arrays end in nil.
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe argv.map { unsafe strdup($0) }
        unsafe arguments.append(nil)
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("PATH=/usr/bin:/bin"), nil]
        defer { unsafe free(environment[0]) }
        var pid: pid_t = 0
        let failure = unsafe posix_spawn(&pid, argv[0], nil, nil, &arguments, &environment)
        guard failure == 0 else { throw TestProblem("cannot start \(argv[0]): \(failure)") }
        var status: Int32 = 0
        // SAFETY: waitpid writes one status.
        guard unsafe waitpid(pid, &status, 0) == pid else { throw TestProblem("waitpid \(errno)") }
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        guard allowed.contains(code) else { throw TestProblem("\(argv.joined(separator: " ")) ended with \(code)") }
        return code
    }

    func start(_ binds: BindPermission = .caller) throws -> Launcher {
        try Launcher.start(executable: launcher, binds: binds)
    }

    static func profile(_ name: String) throws -> SeccompProfile {
        try SeccompProfile.find(name, directory: "\(package)/Policies/seccomp")
    }
}

struct TestProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
