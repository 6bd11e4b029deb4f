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

    private func scene(without walls: Set<String> = []) throws -> Scene {
        try Scene(without: walls, fixture: Fixture.shared.get())
    }

    /// The memory that launcher, mounter and parked jails share holds what other jails are made of.
    @Test func firstProcessKeepsNothingOfTheLaunchersMemory() throws {
        // Only a dumpable process can be looked at by somebody who is not root.
        #expect(try !scene(without: ["DUMPABLE"]).firstProcessHasSharedMemory())
        #expect(try scene(without: ["DUMPABLE", "WORKSPACE"]).firstProcessHasSharedMemory())
    }

    @Test func programKeepsNothingOfTheLaunchersMemory() throws {
        #expect(try !scene().succeeds(["shared-memory"]))
        #expect(try !scene(without: ["WORKSPACE"]).succeeds(["shared-memory"]))
        // Control: the probe finds such memory where there is some.
        #expect(try scene().succeeds(["own-shared-memory"]))
    }

    @Test func jailDiesWithItsLauncherOnlyByTheSignal() throws {
        #expect(try !scene().jailOutlivesItsLauncher())
        #expect(try scene(without: ["DEATH_SIGNAL"]).jailOutlivesItsLauncher())
    }

    /// The kernel itself demands this one of whoever maps a single group: without it there is no jail.
    @Test func jailIsNotBuiltUnlessItsGroupsAreDenied() throws {
        #expect(try scene().succeeds(["status"]))
        #expect(throws: JailError("user-namespace", "", remedy: "")) {
            try scene(without: ["SETGROUPS_DENY"]).succeeds(["status"])
        }
    }

    @Test func filterThatCanStillBeChangedIsRefused() throws {
        #expect(try !scene().acceptsALooseFilter())
        #expect(try scene(without: ["FILTER_SEALED"]).acceptsALooseFilter())
    }

    @Test(.enabled(if: speculates, "this processor does not need the control"))
    func speculationIsHeldBack() throws {
        #expect(try scene().speculation() == "threadforcemitigated")
        #expect(try scene(without: ["SPECULATION"]).speculation() == "threadvulnerable")
    }

    private static var speculates: Bool {
        let text = (try? Files.read("/proc/self/status")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.contains("Speculation_Store_Bypass:\tthread vulnerable")
    }

    /// What the launcher may still do, it needs (user.c).
    @Test func launcherGivesUpWhatItDoesNotNeed() throws {
        #expect(try scene().launcherCapabilities() <= 9)
        #expect(try scene(without: ["LAUNCHER_CAPABILITIES"]).launcherCapabilities() > 20)
    }

    @Test func quotaSlowsDown() throws {
        let real = try scene()
        guard try real.hasCgroups() else { return }
        let held = try real.cpuUnderAQuota()
        #expect(held < 250_000_000)
        #expect(try scene(without: ["LIMIT_CPU_QUOTA"]).cpuUnderAQuota() > held)
    }

    @Test func swapIsNone() throws {
        let real = try scene()
        guard try real.hasCgroups(), let swap = try real.swapLimit() else { return }
        // On v1 the limit is that of memory and swap together, on v2 that of swap alone.
        let none = real.launcher.machine.limits == .cgroup1 ? "\(64 << 20)" : "0"
        #expect(swap == none)
        #expect(try scene(without: ["LIMIT_SWAP"]).swapLimit() != none)
    }
}

extension Scene {
    fileprivate func firstProcessHasSharedMemory() throws -> Bool {
        let jail = try launcher.launch(fixture.spec(["hang"]))
        let pid = try pid(of: jail)
        // The launcher hears that the program runs before PID 1 lets go of the memory, so the first looks may be too early.
        for _ in 0..<2000 {
            let maps = String(decoding: try Files.read("/proc/\(pid)/maps"), as: UTF8.self)
            if !maps.contains("/dev/zero") { return false }
            sched_yield()
        }
        return true
    }

    fileprivate func jailOutlivesItsLauncher() throws -> Bool {
        let jail = try launcher.launch(fixture.spec(["hang"]))
        let pid = try pid(of: jail)
        defer { kill(pid, SIGKILL) }
        guard kill(launcherPid, SIGKILL) == 0 else { throw TestProblem("kill \(errno)") }
        var one = pollfd(fd: jail.pidfd, events: Int16(POLLIN), revents: 0)
        // SAFETY: one valid pollfd.
        return unsafe poll(&one, 1, 3000) == 0
    }

    fileprivate func acceptsALooseFilter() throws -> Bool {
        let loose = try MemoryFile(name: "loose")
        try Files.write(Fixture.profile("strict").compile(), to: loose.descriptor.raw, named: "loose")
        let nothing = try Files.open("/dev/null", O_RDWR)
        let message = try LauncherMessage.launch(fixture.spec(["status"]), channel: false)
        do {
            let descriptors = [loose.descriptor.raw, nothing.raw, nothing.raw, nothing.raw]
            let (_, received) = try launcher.request(message, descriptors: descriptors)
            for descriptor in received { close(descriptor) }
            return true
        } catch {
            guard error.code == "filter" else { throw error }
            return false
        }
    }

    fileprivate func speculation() throws -> String? {
        let jail = try launcher.launch(fixture.spec(["hang"]))
        return try status(program(of: jail), "Speculation_Store_Bypass")
    }

    fileprivate func launcherCapabilities() throws -> Int {
        (UInt64(try status(launcherPid, "CapBnd") ?? "", radix: 16) ?? 0).nonzeroBitCount
    }

    /// Where there are none, the report has to say so; nothing else of them can be tested.
    fileprivate func hasCgroups() throws -> Bool {
        if launcher.machine.limits != .rlimit { return true }
        let report = try launcher.launch(fixture.spec(["status"])).wait()
        #expect(report.limits == .rlimit && report.measurement.of.enforcement == .rlimit)
        return false
    }

    fileprivate func cpuUnderAQuota() throws -> UInt64 {
        let spec = try fixture.spec(["spin-twice"]) {
            $0.cpuPercent = 10
            $0.wallNs = 1_000_000_000
        }
        return try launcher.launch(spec).wait().accounting.cpuNs
    }

    fileprivate func swapLimit() throws -> String? {
        let jail = try launcher.launch(fixture.spec(["hang"]) { $0.memoryBytes = 64 << 20 })
        return try cgroupFile(of: jail, v1: ("memory", "memory.memsw.limit_in_bytes"), v2: "memory.swap.max")
    }

    /// A file of a jail's cgroup; nil where this kernel has none.
    func cgroupFile(of jail: RunningJail, v1: (controller: String, file: String), v2: String) throws -> String? {
        let one = launcher.machine.limits == .cgroup1
        let own = String(decoding: try Files.read("/proc/\(pid(of: jail))/cgroup"), as: UTF8.self)
        let line = own.split(separator: "\n").first {
            one
                ? $0.split(separator: ":")[1].split(separator: ",").contains(Substring(v1.controller))
                : $0.hasPrefix("0::")
        }
        guard let path = line?.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).last else {
            throw TestProblem("no cgroup of \(v1.controller)")
        }
        let top = one ? "/sys/fs/cgroup/\(v1.controller)" : "/sys/fs/cgroup"
        let file = "\(top)\(path)/\(one ? v1.file : v2)"
        guard Files.exists(file) else { return nil }
        return String(decoding: try Files.read(file), as: UTF8.self).filter { !$0.isWhitespace }
    }
}
