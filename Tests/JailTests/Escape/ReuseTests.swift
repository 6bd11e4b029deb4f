// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Slots serve one jail after the other: the next must not see, feel or pay for the one before.
@Suite struct ReuseTests {
    private func scene() throws -> Scene { try Scene(without: [], fixture: Fixture.shared.get()) }

    /// The cgroup of a jail, by which a slot is known again; nil where there is none.
    private func slot(_ scene: Scene, _ jail: RunningJail) throws -> Substring? {
        let own = String(decoding: try Files.read("/proc/\(scene.pid(of: jail))/cgroup"), as: UTF8.self)
        return own.split(separator: "\n").first { $0.contains("/atomic-") }.flatMap { $0.split(separator: "/").last }
    }

    @Test func limitsAreThoseOfThisJailAndNotOfTheLast() throws {
        let scene = try scene()
        var slots: Set<Substring> = []
        var launches = 0
        // The rich and the poor take turns in the same slots.
        for round in 0..<24 {
            let rich = round % 2 == 0
            let jail = try scene.launcher.launch(
                scene.fixture.spec(["hang"]) {
                    $0.memoryBytes = rich ? 512 << 20 : 64 << 20
                    $0.pids = rich ? 50 : 10
                })
            launches += 1
            if let slot = try slot(scene, jail) { slots.insert(slot) }
            if scene.launcher.machine.limits != .rlimit {
                let memory = try scene.cgroupFile(of: jail, v1: ("memory", "memory.limit_in_bytes"), v2: "memory.max")
                #expect(memory == "\(rich ? 512 << 20 : 64 << 20)")
                let pids = try scene.cgroupFile(of: jail, v1: ("pids", "pids.max"), v2: "pids.max")
                #expect(Int(pids ?? "") ?? Int.max <= (rich ? 52 : 12))
            }
            jail.kill()
            _ = try jail.wait()
        }
        if scene.launcher.machine.limits == .cgroup1 {
            #expect(slots.count < launches, "no slot was used twice: the test shows nothing")
        }
    }

    /// A launch that fails half-way has set some limits and not others.
    @Test func limitsOfALaunchThatFailedAreNotTheNextJails() throws {
        let scene = try scene()
        // Without cgroups nothing is set that could stay, and the report says so.
        guard scene.launcher.machine.limits != .rlimit else {
            let report = try scene.launcher.launch(scene.fixture.spec(["status"]) { $0.pids = 1 << 40 }).wait()
            #expect(report.limits == .rlimit)
            return
        }
        for _ in 0..<12 {
            // The kernel has no such number of processes; memory was set before.
            #expect(throws: JailError.self) {
                try scene.launcher.launch(
                    scene.fixture.spec(["status"]) {
                        $0.memoryBytes = 8 << 30
                        $0.pids = 1 << 40
                    })
            }
            let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]) { $0.memoryBytes = 64 << 20 })
            if scene.launcher.machine.limits != .rlimit {
                let memory = try scene.cgroupFile(of: jail, v1: ("memory", "memory.limit_in_bytes"), v2: "memory.max")
                #expect(memory == "\(64 << 20)")
            }
            jail.kill()
            _ = try jail.wait()
        }
    }

    /// The meter of a jail that runs agrees with the report of its end, whoever had the slot before.
    @Test func aRunningJailIsNotChargedForTheOneBefore() throws {
        let scene = try scene()
        for _ in 0..<3 {
            let busy = try scene.launcher.launch(scene.fixture.spec(["spin"]) { $0.cpuSeconds = 1 }).wait()
            #expect(busy.accounting.cpuNs >= 900_000_000)
        }
        for _ in 0..<12 {
            let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]))
            let now = try #require(jail.cpuNs())
            jail.kill()
            let end = try jail.wait().accounting.cpuNs
            #expect(now < 500_000_000, "the meter begins with what others used")
            #expect(now <= end)
        }
    }

    @Test func nobodyPaysForTheOneBefore() throws {
        let scene = try scene()
        let quiet = try scene.launcher.launch(scene.fixture.spec(["status"])).wait()
        for _ in 0..<9 {
            let loud = try scene.launcher.launch(
                scene.fixture.spec(["memory", "268435456"]) { $0.memoryBytes = 64 << 20 }
            ).wait()
            #expect(loud.cause == .memoryLimit)
            let next = try scene.launcher.launch(scene.fixture.spec(["status"])).wait()
            #expect(next.cause == .exited && next.hits.isEmpty)
            #expect(next.accounting.cpuNs < quiet.accounting.cpuNs * 20 + 100_000_000)
            #expect(next.accounting.peakBytes < 40 << 20)
        }
    }

    @Test func processorsAreThoseOfTheLauncher() throws {
        let scene = try scene()
        let outside = try scene.fixture.outside(["processors"]).output
        // The launcher keeps a jail beside itself while it is set up, and away from itself while it is parked.
        for _ in 0..<24 { #expect(try scene.output(["processors"]) == outside) }
    }

    /// Without privileges a path through `/proc` is the only way to another mount namespace. None is there.
    @Test func parkedJailsAreNotSeenFromOne() throws {
        let scene = try scene()
        let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]))
        _ = jail
        let fixture = scene.fixture
        var spec = try fixture.spec([])
        spec.argv = ["ls", "/proc"]
        let listing = try scene.launcher.launch(spec)
        #expect(try listing.wait().exit == 0)
        let pids = String(decoding: listing.output, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
        #expect(pids == [2], "a program sees itself and nobody else")
    }

    /// Hundreds of descriptors that nobody asked for: whoever only reads gets none of them.
    @Test func descriptorsThatAJailSendsReachNobody() throws {
        let scene = try scene()
        let jail = try scene.launcher.launch(scene.fixture.spec(["send-descriptors"]), channel: true)
        let before = try Files.list("/proc/self/fd").count
        var got = 0
        var buffer = [UInt8](repeating: 0, count: 64)
        while true {
            // SAFETY: the buffer is valid for its own length.
            let count = unsafe read(jail.channel, &buffer, buffer.count)
            if count <= 0 { break }
            got += count
        }
        #expect(try jail.wait().exit == 0)
        #expect(got == 100)
        // Other tests of this process open and close some; ten thousand would be seen.
        #expect(try Files.list("/proc/self/fd").count < before + 500)

        // Control: somebody who takes what is beside the bytes is given them.
        let again = try scene.launcher.launch(scene.fixture.spec(["send-descriptors"]), channel: true)
        let (bytes, descriptors) = try DescriptorSocket.receive(from: again.channel, limit: 1)
        for descriptor in descriptors { close(descriptor) }
        #expect(bytes.count == 1 && descriptors.count > 20)
        again.kill()
    }
}
