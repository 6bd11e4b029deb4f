// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

/// Every limit ends the jail under its own name; the control is the same program under a limit that fits.
@Suite struct LimitTests {
    private func run(
        _ arguments: [String], as launcher: Launcher? = nil, _ change: (inout JailLimits) -> Void
    ) throws -> JailReport {
        let fixture = try Fixture.shared.get()
        return try (launcher ?? fixture.start()).launch(fixture.spec(arguments, change: change)).wait()
    }

    @Test func memoryBombIsMemoryLimit() throws {
        let report = try run(["memory", "268435456"]) { $0.memoryBytes = 64 << 20 }
        #expect(report.cause == .memoryLimit)
        #expect(report.accounting.peakBytes >= 60 << 20)
        let control = try run(["memory", "33554432"]) { $0.memoryBytes = 64 << 20 }
        #expect(control.cause == .exited && control.exit == 0)
        #expect(control.accounting.peakBytes >= 32 << 20)
    }

    @Test func forkBombIsPidsLimit() throws {
        #expect(try run(["fork-bomb"]) { $0.pids = 20 }.cause == .pidsLimit)
        #expect(try run(["forks", "40"]) { $0.pids = 20 }.cause == .pidsLimit)
        let control = try run(["forks", "19"]) { $0.pids = 20 }
        #expect(control.cause == .exited && control.exit == 0)
    }

    @Test(arguments: ["spin", "spin-twice", "stubborn"]) func spinningIsCpuLimit(_ victim: String) throws {
        let report = try run([victim]) { $0.cpuSeconds = 1 }
        #expect(report.cause == .cpuLimit)
        #expect(report.accounting.cpuNs >= 900_000_000)
        #expect(report.accounting.cpuNs < 5_000_000_000)
    }

    @Test(arguments: ["hang", "stubborn"]) func hangingIsWallLimit(_ victim: String) throws {
        let report = try run([victim]) { $0.wallNs = 150_000_000 }
        #expect(report.cause == .wallLimit)
        #expect(report.accounting.wallNs >= 150_000_000)
        #expect(report.accounting.wallNs < 15_000_000_000)
    }

    @Test func floodIsOutputLimitAndIsCutAtIt() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let jail = try launcher.launch(fixture.spec(["flood", "100000000"]) { $0.outputBytes = 10_000 })
        #expect(try jail.wait().cause == .outputLimit)
        #expect(jail.output.count == 10_000)
        let control = try launcher.launch(fixture.spec(["flood", "10000"]) { $0.outputBytes = 10_000 })
        let report = try control.wait()
        #expect(report.cause == .exited && report.accounting.bytesOut == 10_000)
    }

    @Test func largeFileIsFileLimit() throws {
        #expect(try run(["big-file", "65536"]) { $0.fileBytes = 8192 }.cause == .fileLimit)
        #expect(try run(["big-file", "65536"]) { $0.fileBytes = 65536 }.exit == 0)
    }

    @Test func openFilesAreLimited() throws {
        #expect(try run(["open-files", "10"]) { $0.openFiles = 8 }.exit == 1)
        #expect(try run(["open-files", "10"]) { $0.openFiles = 16 }.exit == 0)
    }

    @Test func cpuQuotaSlowsDown() throws {
        let launcher = try Fixture.shared.get().start()
        try #require(launcher.machine.limits != .rlimit, "no cgroup is writable here")
        let report = try run(["spin"], as: launcher) {
            $0.cpuPercent = 20
            $0.wallNs = 500_000_000
        }
        #expect(report.cause == .wallLimit)
        #expect(report.accounting.cpuNs < 250_000_000)
    }

    @Test func everyHitIsReportedByItsNameAndAmount() throws {
        func hits(_ arguments: [String], _ change: (inout JailLimits) -> Void) throws -> [String: UInt64] {
            let report = try run(arguments, change)
            // A limit that ended the jail comes first and is its cause.
            if report.cause != .exited { #expect(report.hits.first?.limit == report.cause.rawValue) }
            return Dictionary(uniqueKeysWithValues: report.hits.map { ($0.limit, $0.amount) })
        }
        #expect(try hits(["memory", "268435456"]) { $0.memoryBytes = 64 << 20 } == ["memory-limit": 64 << 20])
        #expect(try hits(["fork-bomb"]) { $0.pids = 20 } == ["pids-limit": 20])
        #expect(try hits(["spin"]) { $0.cpuSeconds = 1 } == ["cpu-limit": 1_000_000_000])
        #expect(try hits(["hang"]) { $0.wallNs = 150_000_000 } == ["wall-limit": 150_000_000])
        #expect(try hits(["flood-for-ever"]) { $0.outputBytes = 10_000 } == ["output-limit": 10_000])
        #expect(try hits(["big-file", "65536"]) { $0.fileBytes = 8192 } == ["file-limit": 8192])
        #expect(try hits(["fill", "/tmp/full"]) { $0.tmpfsBytes = 4 << 20 } == ["tmpfs-bytes": 4 << 20])
        #expect(try hits(["many-files", "100"]) { $0.tmpfsInodes = 50 } == ["tmpfs-inodes": 50])
        #expect(try hits(["status"]) { _ in }.isEmpty)
    }

    @Test func accountingIsTheKernels() throws {
        let idle = try run(["status"]) { _ in }
        let busy = try run(["burn", "400"]) { _ in }
        #expect(busy.accounting.cpuNs >= 400_000_000)
        #expect(busy.accounting.cpuNs < 2_000_000_000)
        #expect(idle.accounting.cpuNs < 300_000_000)
        let large = try run(["memory", "100663296"]) { _ in }
        #expect(large.accounting.peakBytes >= 96 << 20)
        #expect(large.accounting.peakBytes < 160 << 20)
        let slow = try run(["wait-for", "200"]) { _ in }
        #expect(slow.accounting.wallNs >= 200_000_000)
    }

    @Test func crashIsSignal() throws {
        let report = try run(["crash"]) { _ in }
        #expect(report.cause == .signal)
        #expect(report.signal == SIGABRT)
        #expect(report.exit == nil)
    }

    @Test func exitCodeIsPassedOn() throws {
        let report = try run(["no-such-probe"]) { _ in }
        #expect(report.cause == .exited)
        #expect(report.exit == 99)
        #expect(report.signal == nil)
    }
}
