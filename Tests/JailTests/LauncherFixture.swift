// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Synchronization
import Testing

/// The launcher, compiled from source into a directory of this run, and programs to run in jails.
struct Fixture: Sendable {
    let directory: String
    let launcher: String
    /// `Tests/JailVictims`: tries one forbidden thing.
    let victim: String
    /// A launcher that an ordinary user started.
    let asNobody: String

    /// Built once; the error is kept so that each test that needs it says why it cannot run.
    static let shared = Result { try Fixture() }

    /// The package's root, from where this file was compiled.
    static let package = Files.parent(of: Files.parent(of: Files.parent(of: #filePath)))

    private init() throws {
        directory = "/tmp/atomic-jail-tests-\(getpid())"
        try Files.createDirectory(directory)
        atexit { _ = try? Fixture.run(["/bin/rm", "-rf", "/tmp/atomic-jail-tests-\(getpid())"]) }
        launcher = "\(directory)/atomic-launcher"
        victim = "\(directory)/victim"
        asNobody = "\(directory)/as-nobody"
        let victims = "\(Self.package)/Tests/JailVictims"
        let sources = try Files.list(victims).filter {
            $0.hasSuffix(".c") && $0 != "as-nobody.c" && $0 != "with-key.c"
        }
        try Self.run(["\(Self.package)/scripts/build-launcher", directory])
        try Self.run(Self.compile + ["-o", victim] + sources.map { "\(victims)/\($0)" })
        try starter("as-nobody", of: launcher, to: asNobody)
    }

    private static let compile = [
        "/usr/bin/cc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", "-static",
    ]

    /// A program of `Tests/JailVictims` that prepares something and then becomes a launcher.
    func starter(_ name: String, of launcher: String, to path: String) throws {
        try Self.run(
            Self.compile + [
                "-DLAUNCHER=\"\(launcher)\"", "-o", path, "\(Self.package)/Tests/JailVictims/\(name).c",
            ])
    }

    private static let built = Mutex<Set<String>>([])

    /// A launcher that lacks these walls (`Sources/atomic-launcher/walls.h`), compiled once in a run. It is another program with
    /// another digest; none of the names is the launcher that is shipped.
    func launcher(without walls: Set<String>) throws -> String {
        guard !walls.isEmpty else { return launcher }
        let list = walls.sorted().map { "WALL_\($0)" }.joined(separator: ",")
        let name = "without-\(Digest.sha256(Array(list.utf8)).hex.prefix(16))"
        try Self.built.withLock { built in
            guard built.insert(name).inserted else { return }
            try Self.run(["\(Self.package)/scripts/build-launcher", "\(directory)/controls", "--without", list, name])
        }
        return "\(directory)/controls/\(name)"
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

    /// What a victim prints and how it ends, outside any jail.
    func outside(_ arguments: [String], under prefix: [String] = []) throws -> (code: Int32, output: String) {
        let file = "\(directory)/out-\(Hex.encode(RandomBytes.make(6)))"
        defer { try? Files.remove(file) }
        let code = try Self.run(
            ["/bin/sh", "-c", "\"$@\" >\"$0\" </dev/null", file] + prefix + [victim] + arguments,
            allowed: Set(0...255))
        return (code, String(decoding: try Files.read(file), as: UTF8.self))
    }

    /// A jail that holds the victim as `/victim`.
    func spec(
        _ arguments: [String], profile: SeccompProfile? = nil, mounts: [JailMount] = [],
        change: (inout JailLimits) -> Void = { _ in }
    ) throws -> JailSpec {
        var limits = JailLimits()
        limits.wallNs = 20_000_000_000
        change(&limits)
        return JailSpec(
            profile: try profile ?? Self.profile("strict"), argv: ["/victim"] + arguments, root: .system,
            mounts: [JailMount(.host(victim), at: "/victim")] + mounts, limits: limits)
    }

    /// The profile `strict` with some calls allowed that it forbids: a jail with that one protection off.
    static func strict(allowing calls: [String]) throws -> SeccompProfile {
        let bytes = try Files.read("\(package)/Policies/seccomp/strict.json")
        guard case .object(var file) = try JSONValue.parse(bytes), let rules = file["rules"]?.arrayValue else {
            throw TestProblem("strict.json is not a profile")
        }
        var kept: [JSONValue] = []
        for rule in rules {
            guard case .object(var rule) = rule, let named = rule["calls"]?.arrayValue else { continue }
            let left = named.filter { !calls.contains($0.stringValue ?? "") }
            if left.isEmpty { continue }
            rule["calls"] = .array(left)
            kept.append(.object(rule))
        }
        kept.append(
            .object([
                "calls": .array(calls.map { .string($0) }), "action": .string("allow"), "reason": .string("control"),
            ]))
        file["rules"] = .array(kept)
        return try SeccompProfile(json: JSONValue.object(file).canonical)
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
