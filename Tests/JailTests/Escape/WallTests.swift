// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Walls that no victim can try alone; each with the launcher that lacks it.
@Suite struct WallTests {
    /// What these tests take away; `everyWallHasAnAttack` counts on it.
    static let tested: Set = [
        "WORKSPACE", "DEATH_SIGNAL", "SETGROUPS_DENY", "FILTER_SEALED", "SPECULATION", "LIMIT_CPU_QUOTA", "LIMIT_SWAP",
        "LAUNCHER_CAPABILITIES",
    ]

    private func scene(without walls: String...) throws -> Scene {
        try Scene(without: Set(walls), fixture: Fixture.shared.get())
    }

    /// The memory that launcher, mounter and parked jails share holds what other jails are made of.
    @Test func firstProcessKeepsNothingOfTheLaunchersMemory() throws {
        func shared(_ scene: Scene) throws -> Bool {
            let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]))
            // The launcher hears that the program runs before PID 1 lets go of the memory, so the first look may be too early.
            var maps = ""
            for _ in 0..<200 {
                maps = String(decoding: try Files.read("/proc/\(scene.pid(of: jail))/maps"), as: UTF8.self)
                if !maps.contains("/dev/zero") { return false }
                sched_yield()
            }
            return true
        }
        // Only a dumpable process can be looked at by somebody who is not root.
        #expect(try !shared(scene(without: "DUMPABLE")))
        #expect(try shared(scene(without: "DUMPABLE", "WORKSPACE")))
    }

    @Test func programKeepsNothingOfTheLaunchersMemory() throws {
        #expect(try !scene().succeeds(["shared-memory"]))
        #expect(try !scene(without: "WORKSPACE").succeeds(["shared-memory"]))
        // Control: the probe finds such memory where there is some.
        #expect(try scene().succeeds(["own-shared-memory"]))
    }

    @Test func jailDiesWithItsLauncherOnlyByTheSignal() throws {
        func survives(_ scene: Scene) throws -> Bool {
            let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]))
            defer { _ = pidfdKill(jail.pidfd) }
            guard kill(scene.launcherPid, SIGKILL) == 0 else { throw TestProblem("kill \(errno)") }
            var one = pollfd(fd: jail.pidfd, events: Int16(POLLIN), revents: 0)
            // SAFETY: one valid pollfd.
            return unsafe poll(&one, 1, 1500) == 0
        }
        #expect(try !survives(scene()))
        #expect(try survives(scene(without: "DEATH_SIGNAL")))
    }

    /// The kernel itself demands this one of whoever maps a single group: without it there is no jail.
    @Test func jailIsNotBuiltUnlessItsGroupsAreDenied() throws {
        #expect(try scene().succeeds(["status"]))
        #expect(throws: JailError("user-namespace", "", remedy: "")) {
            try scene(without: "SETGROUPS_DENY").succeeds(["status"])
        }
    }

    @Test func filterThatCanStillBeChangedIsRefused() throws {
        func accepts(_ scene: Scene) throws -> Bool {
            let loose = try MemoryFile(name: "loose")
            try Files.write(Fixture.profile("strict").compile(), to: loose.descriptor.raw, named: "loose")
            let nothing = try Files.open("/dev/null", O_RDWR)
            let message = try LauncherMessage.launch(scene.fixture.spec(["status"]), channel: false)
            do {
                let descriptors = [loose.descriptor.raw, nothing.raw, nothing.raw, nothing.raw]
                let (_, received) = try scene.launcher.request(message, descriptors: descriptors)
                for descriptor in received { close(descriptor) }
                return true
            } catch let error where error.code == "filter" {
                return false
            }
        }
        #expect(try !accepts(scene()))
        #expect(try accepts(scene(without: "FILTER_SEALED")))
    }

    @Test(.enabled(if: speculates, "this processor does not need the control"))
    func speculationIsHeldBack() throws {
        func state(_ scene: Scene) throws -> String? {
            let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]))
            return try scene.status(scene.program(of: jail), "Speculation_Store_Bypass")
        }
        #expect(try state(scene()) == "threadforcemitigated")
        #expect(try state(scene(without: "SPECULATION")) == "threadvulnerable")
    }

    private static var speculates: Bool {
        let text = (try? Files.read("/proc/self/status")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.contains("Speculation_Store_Bypass:\tthread vulnerable")
    }

    /// What the launcher may still do, it needs (user.c): here it keeps less than whoever started it.
    @Test func launcherGivesUpWhatItDoesNotNeed() throws {
        func bounding(_ scene: Scene) throws -> UInt64 {
            UInt64(try scene.status(scene.launcherPid, "CapBnd") ?? "", radix: 16) ?? 0
        }
        #expect(try bounding(scene()).nonzeroBitCount <= 9)
        #expect(try bounding(scene(without: "LAUNCHER_CAPABILITIES")).nonzeroBitCount > 20)
    }

    @Test func quotaSlowsDownAndSwapIsNone() throws {
        let real = try scene()
        guard real.launcher.machine.limits != .rlimit else {
            // There is none here, and whoever reads the report sees it.
            let report = try real.launcher.launch(real.fixture.spec(["status"])).wait()
            #expect(report.limits == .rlimit && report.measurement.of.enforcement == .rlimit)
            return
        }
        func used(_ scene: Scene) throws -> UInt64 {
            try scene.launcher.launch(
                scene.fixture.spec(["spin"]) {
                    $0.cpuPercent = 20
                    $0.wallNs = 500_000_000
                }
            ).wait().accounting.cpuNs
        }
        let held = try used(real)
        let free = try used(scene(without: "LIMIT_CPU_QUOTA"))
        #expect(held < 200_000_000)
        #expect(free > held * 3 / 2)

        func swap(_ scene: Scene) throws -> String {
            let jail = try scene.launcher.launch(scene.fixture.spec(["hang"]) { $0.memoryBytes = 64 << 20 })
            return try scene.cgroupFile(
                of: jail, v1: ("memory", "memory.memsw.limit_in_bytes"), v2: "memory.swap.max")
        }
        // On v1 the limit is that of memory and swap together, on v2 that of swap alone.
        let none = real.launcher.machine.limits == .cgroup1 ? "\(64 << 20)" : "0"
        guard try swap(real) != "no such file" else { return }
        #expect(try swap(real) == none)
        #expect(try swap(scene(without: "LIMIT_SWAP")) != none)
    }
}

/// SIGKILL to whoever a pidfd means.
func pidfdKill(_ pidfd: Int32) -> Bool {
    let text = (try? Files.read("/proc/self/fdinfo/\(pidfd)")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Pid:") }),
        let pid = Int32(line.dropFirst(4).filter { !$0.isWhitespace }), pid > 0
    else { return false }
    return kill(pid, SIGKILL) == 0
}

extension Scene {
    /// A file of a jail's cgroup.
    func cgroupFile(of jail: RunningJail, v1: (controller: String, file: String), v2: String) throws -> String {
        let one = launcher.machine.limits == .cgroup1
        let own = String(decoding: try Files.read("/proc/\(pid(of: jail))/cgroup"), as: UTF8.self)
        let line = own.split(separator: "\n").first {
            one
                ? $0.split(separator: ":")[1].split(separator: ",").contains(Substring(v1.controller))
                : $0.hasPrefix("0::")
        }
        guard let line, let path = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last
        else {
            throw TestProblem("no cgroup of \(v1.controller)")
        }
        let top = one ? "/sys/fs/cgroup/\(v1.controller)" : "/sys/fs/cgroup"
        let file = "\(top)\(path)/\(one ? v1.file : v2)"
        guard Files.exists(file) else { return "no such file" }
        return String(decoding: try Files.read(file), as: UTF8.self).filter { !$0.isWhitespace }
    }
}
