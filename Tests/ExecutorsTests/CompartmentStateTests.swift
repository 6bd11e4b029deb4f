// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Jail
import Sealing
import Testing

@testable import Executors

/// An executor lives for one job in one compartment. What a model leaves behind in one is invisible in the next, whichever place it
/// chose; the control is the same process, which does find it.
@Suite(.serialized)
struct CompartmentStateTests {
    /// Everything that `Tests/Fixtures/state` can leave under the profile `executor`.
    static let open: Set<String> = ["tmp", "memory", "environment", "directory", "umask", "name", "descriptor"]
    /// What it can leave in addition when the filter lets it, each within its own jail only. A POSIX message queue is not among
    /// them: RLIMIT_MSGQUEUE is 0.
    static let behindTheFilter: Set<String> = [
        "child", "abstract-socket", "shared-memory", "semaphores", "message-queue",
    ]

    private struct Room {
        let launcher: Launcher
        let model: RegisteredModel
        let image: ImageHandle
        let profiles: String
        let directory: String

        func session() throws -> ExecutorSession {
            let session = try ExecutorSession(model, image: image, launcher: launcher, profiles: profiles)
            try session.start()
            return session
        }

        /// The image as the next job has it: staged again.
        func again() throws -> Room {
            Room(
                launcher: launcher, model: model, image: try model.stage(with: launcher), profiles: profiles,
                directory: directory)
        }
    }

    /// The model, with `executor` as it is or with these calls allowed in it.
    private func room(allowing calls: [String] = []) throws -> Room {
        let fixture = try ExecutorFixture.shared.get()
        let directory = try fixture.room()
        try Files.createDirectory("\(directory)/bundle")
        try ExecutorFixture.shell([
            "/usr/bin/cc", "-std=gnu11", "-O1", "-static", "-s", "-o", "\(directory)/bundle/state",
            "\(ExecutorFixture.package)/Tests/Fixtures/state/state.c",
        ])
        try Files.writeDurably(
            Array(
                """
                name: state
                version: "1"
                licence: MIT
                tasks: [{type: spam, schema: "urn:atomic:schema:spam:v1"}]
                protocol: jsonrpc
                argv: [/model/state]
                image: {closure: {}}
                mounts: [{source: state, target: /model/state}]
                profile: executor
                limits: {memory: 64MiB, wall: 60s, call: 5s, cpu: 5s, processes: 4, output: 4KiB}
                prices: {call: "0 EUR", cpuSecond: "0 EUR", kibibyte: "0 EUR"}
                bid: {fixed: {confidence: 0.5, cost: "0 EUR", latency: 5ms}}

                """.utf8), to: "\(directory)/bundle/model.yaml")
        var profiles = ExecutorFixture.profiles
        if !calls.isEmpty {
            profiles = "\(directory)/profiles"
            try Files.createDirectory(profiles)
            try Files.writeDurably(executor(allowing: calls), to: "\(profiles)/executor.json")
        }
        let launcher = try fixture.launcher()
        let model = try ModelRegistry.add(
            bundle: "\(directory)/bundle", into: "\(directory)/models", launcher: launcher, profiles: profiles
        ).model
        return Room(
            launcher: launcher, model: model, image: try model.stage(with: launcher), profiles: profiles,
            directory: directory)
    }

    private func executor(allowing calls: [String]) throws -> [UInt8] {
        guard case .object(var file) = try JSONValue.parse(Files.read("\(ExecutorFixture.profiles)/executor.json")),
            let rules = file["rules"]?.arrayValue
        else { throw TestProblem("executor.json is not a profile") }
        var kept: [JSONValue] = []
        for rule in rules {
            guard case .object(var rule) = rule, let named = rule["calls"]?.arrayValue else { continue }
            let left = named.filter { !calls.contains($0.stringValue ?? "") }
            rule["calls"] = .array(left)
            if !left.isEmpty { kept.append(.object(rule)) }
        }
        kept.append(
            .object([
                "calls": .array(calls.map { .string($0) }), "action": .string("allow"), "reason": .string("control"),
            ]))
        file["rules"] = .array(kept)
        return JSONValue.object(file).canonical
    }

    private func places(_ session: ExecutorSession, _ word: String) throws -> Set<String> {
        let memory = try ExecutorFixture.memory(word)
        let value = try session.execute(id: "0/spam", input: memory.fd.raw, schema: .object([:])).value
        return Set(value["places"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }

    @Test func whatIsLeftInOneCompartmentIsSeenNeitherInTheNextNorByTheNextJob() throws {
        let room = try room()
        defer { FileTree.remove(room.directory) }
        let first = try room.session()
        #expect(try places(first, "look") == [], "a new process finds nothing")
        #expect(try places(first, "leave") == Self.open)
        #expect(try places(first, "look") == Self.open, "the control: a second call of the same process finds it all")
        // Another compartment of the same job, at the same time.
        let second = try room.session()
        #expect(try places(second, "look") == [])
        #expect(try first.end()?.cause == .exited)
        // After the end of the first, with the same image, and with the image staged anew.
        #expect(try places(second, "look") == [])
        #expect(try places(try room.session(), "look") == [])
        #expect(try places(try room.again().session(), "look") == [])
    }

    /// Even a profile with holes leaves the namespaces: what the filter would have refused stays in the jail that did it.
    @Test func whatAWeakerFilterLetsThroughStillEndsWithTheJail() throws {
        let room = try room(allowing: [
            "clone", "fork", "kill", "wait4", "socket", "bind", "listen", "connect", "shmget", "semget", "msgget",
            "mq_open",
        ])
        defer { FileTree.remove(room.directory) }
        let all = Self.open.union(Self.behindTheFilter)
        let first = try room.session()
        #expect(try places(first, "leave-all") == all)
        // Landlock's scope is about other jails: within one, the socket answers.
        #expect(try places(first, "look-all") == all, "the control: a second call of the same process finds it all")
        #expect(try places(try room.session(), "look-all") == [], "at the same time")
        _ = try first.end()
        #expect(try places(try room.session(), "look-all") == [], "afterwards")
        #expect(try places(try room.again().session(), "look-all") == [], "in the next job")
    }

    /// Locks are of the file, and processes of one compartment share the image: the filter is what keeps them apart.
    @Test func aLockOnTheImageIsRefusedBecauseItWouldBeSeen() throws {
        let held = try room()
        defer { FileTree.remove(held.directory) }
        #expect(try !places(try held.session(), "leave").contains("lock"))
        let weaker = try room(allowing: ["flock"])
        defer { FileTree.remove(weaker.directory) }
        let first = try weaker.session()
        #expect(try places(first, "leave").contains("lock"))
        #expect(
            try places(try weaker.session(), "look") == ["lock"], "the control: with the call, another jail sees it")
        #expect(try places(try weaker.again().session(), "look") == [], "another job has an image of its own")
        _ = try first.end()
        #expect(try places(try weaker.session(), "look") == [])
    }
}
