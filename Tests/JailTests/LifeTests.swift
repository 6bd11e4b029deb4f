// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Synchronization
import Testing

@testable import Jail

/// Starting, living, ending: the channel, many jails at once, and what happens when somebody dies.
@Suite struct LifeTests {
    @Test func channelCarriesBytesBothWays() throws {
        let fixture = try Fixture.shared.get()
        let jail = try fixture.start().launch(fixture.spec(["echo-channel"]), channel: true)
        try Files.write(Array("hello".utf8), to: jail.channel, named: "channel")
        var buffer = [UInt8](repeating: 0, count: 16)
        // SAFETY: the buffer is valid for its own length.
        let got = unsafe read(jail.channel, &buffer, buffer.count)
        #expect(String(decoding: buffer.prefix(max(0, got)), as: UTF8.self) == "hello")
        jail.countChannel(in: 5, out: 5)
        let report = try jail.wait()
        #expect(report.accounting.bytesIn == 5 && report.accounting.bytesOut == 5)
    }

    @Test func sealedMemoryIsStandardInput() throws {
        let fixture = try Fixture.shared.get()
        let memory = try MemoryFile.sealed(name: "input", Array("from memory".utf8))
        _ = lseek(memory.descriptor.raw, 0, SEEK_SET)
        var spec = try fixture.spec([])
        spec.argv = ["cat"]
        let jail = try fixture.start().launch(spec, stdin: OwnedFD(adopting: dup(memory.descriptor.raw)))
        let report = try jail.wait()
        #expect(String(decoding: jail.output, as: UTF8.self) == "from memory")
        #expect(report.accounting.bytesIn == 11 && report.accounting.bytesOut == 11)
    }

    @Test func pipeIsRelayedAsStandardInput() throws {
        let fixture = try Fixture.shared.get()
        var spec = try fixture.spec([])
        spec.argv = ["cat"]
        let jail = try fixture.start().launch(spec, stdin: pipe(holding: "through a pipe"))
        let report = try jail.wait()
        #expect(String(decoding: jail.output, as: UTF8.self) == "through a pipe")
        #expect(report.accounting.bytesIn == 14)
    }

    @Test func manyJailsLiveAtOnce() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        var jails: [RunningJail] = []
        for _ in 0..<24 { jails.append(try launcher.launch(fixture.spec(["echo-channel"]), channel: true)) }
        #expect(Set(jails.map(\.id)).count == 24)
        for jail in jails.reversed() {
            try Files.write([1], to: jail.channel, named: "channel")
            #expect(try jail.wait().exit == 0)
        }
    }

    @Test func killEndsTheJail() throws {
        let fixture = try Fixture.shared.get()
        let jail = try fixture.start().launch(fixture.spec(["hang"]))
        jail.kill()
        let report = try jail.wait()
        #expect(report.cause == .signal && report.signal == SIGKILL)
        jail.kill()
    }

    @Test func forgottenJailIsKilled() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let watch: Int32
        do {
            let jail = try launcher.launch(fixture.spec(["hang"]))
            watch = fcntl(jail.pidfd, F_DUPFD_CLOEXEC, 3)
        }
        defer { close(watch) }
        #expect(ended(watch))
    }

    @Test func jailsDieWithTheirSupervisor() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let jail = try launcher.launch(fixture.spec(["stubborn"]))
        // What the launcher sees when the supervisor is killed: its socket closes.
        #expect(shutdown(launcher.state.withLock { $0.process.socket.raw }, Int32(SHUT_RDWR)) == 0)
        #expect(ended(jail.pidfd))
        #expect(try jail.wait().signal == SIGKILL)
    }

    @Test func jailsDieWithTheirLauncher() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let jail = try launcher.launch(fixture.spec(["stubborn"]))
        let pid = launcher.state.withLock { $0.process.pid }
        #expect(kill(pid, SIGKILL) == 0)
        #expect(ended(jail.pidfd))
        #expect(throws: JailError(.launcherLost, "", remedy: "")) { try jail.wait() }
        #expect(throws: JailError(.launcherLost, "", remedy: "")) { try launcher.launch(fixture.spec(["status"])) }
    }

    @Test func nothingOfAJailStaysBehind() throws {
        let fixture = try Fixture.shared.get()
        var pid: Int32 = 0
        func groups() throws -> Set<String> {
            Set(
                try ["memory", "pids", "cpu", "cpuacct", "unified"].flatMap { hierarchy in
                    Files.isDirectory("/sys/fs/cgroup/\(hierarchy)")
                        ? try Files.list("/sys/fs/cgroup/\(hierarchy)").filter { $0.hasPrefix("atomic-\(pid)-") } : []
                })
        }
        func live() throws {
            let launcher = try fixture.start()
            pid = launcher.state.withLock { $0.process.pid }
            let jails = try (0..<3).map { _ in try launcher.launch(fixture.spec(["hang"])) }
            if launcher.machine.limits != .rlimit { #expect(try groups().count >= 3) }
            for jail in jails {
                jail.kill()
                _ = try jail.wait()
            }
            // One more request, so that the launcher has finished with the others. What stands are the slots of jails that
            // are parked, and of the three that were.
            _ = try? launcher.dropImage(ImageHandle(digest: Digest.sha256([]), number: 999))
            #expect(try groups().count <= 8 + 3)
        }
        try live()
        #expect(try groups().isEmpty)
        #expect(!Files.exists("/proc/\(pid)"))
    }

    @Test func equalSpecificationsHaveOneMeasurement() throws {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        let spec = try fixture.spec(["status"])
        let before = try launcher.measure(spec)
        let report = try launcher.launch(spec).wait()
        #expect(report.measurement.of == before)
        #expect(report.measurement.digest == (try before.digest()))
        #expect(before.launcher == Digest.sha256(try Files.read(fixture.launcher)))
        let changes: [(inout JailSpec) throws -> Void] = [
            { $0.limits.pids += 1 },
            { $0.limits.wallNs += 1 },
            { $0.environment = ["A": "1"] },
            { $0.argv.append("x") },
            { $0.workingDirectory = "/tmp" },
            { $0.mounts[0].noexec = true },
            { $0.mounts.append(JailMount(.host("/usr"), at: "/more")) },
            { $0.profile = try Fixture.profile("executor") },
            { $0.root = .image(ImageHandle(digest: Digest.sha256([1]), number: 1)) },
            { $0.root = .image(ImageHandle(digest: Digest.sha256([2]), number: 1)) },
        ]
        var seen: Set = [try before.digest(), try launcher.measure(spec, channel: true).digest()]
        for change in changes {
            var other = spec
            try change(&other)
            #expect(seen.insert(try launcher.measure(other).digest()).inserted)
        }
        #expect(seen.count == changes.count + 2)
        // A value of the environment may be a secret; only its name is measured.
        var secret = spec
        secret.environment = ["A": "2"]
        #expect(seen.contains(try launcher.measure(secret).digest()))
        let text = String(decoding: try CanonicalJSON.encode(report), as: UTF8.self)
        #expect(try CanonicalJSON.decode(JailReport.self, from: Array(text.utf8)) == report)
    }

    /// The reading end of a pipe whose writing end is closed.
    private func pipe(holding text: String) throws -> OwnedFD {
        let pipe = try DescriptorSocket.pipe()
        try Files.write(Array(text.utf8), to: pipe.second.raw, named: "pipe")
        return OwnedFD(adopting: fcntl(pipe.first.raw, F_DUPFD_CLOEXEC, 3))
    }

    private func ended(_ pidfd: Int32) -> Bool {
        var one = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        // SAFETY: one valid pollfd.
        return unsafe poll(&one, 1, 5000) == 1
    }
}
