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
