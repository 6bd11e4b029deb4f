// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Testing

@testable import Jail

/// Why no guest can run here; nil when one can. On machines without hardware virtualization the parts may be those of
/// `scripts/make-microvm --emulated`, which debug builds such as this one use and name in every measurement.
private let obstacle: String? = {
    do throws(JailError) {
        try MicroVMParts.find().requireAccelerator()
        return nil
    } catch {
        return error.description
    }
}()

/// Emulated guests take ten seconds and more each, so without hardware virtualization only one test starts one.
private let slowness: String? = {
    if let obstacle { return obstacle }
    let isAccelerated = (try? MicroVMParts.find())?.accelerator == .kvm
    // SAFETY: getenv returns nil or a string; nothing sets the environment while tests run.
    return unsafe isAccelerated || getenv("ATOMIC_EMULATED_MICROVM") != nil
        ? nil : "no hardware virtualization: set ATOMIC_EMULATED_MICROVM=1 to run it emulated (minutes)"
}()

/// One guest, emulated if need be.
@Suite(.enabled(if: obstacle == nil, "\(obstacle ?? "")"))
struct MicroVMSmokeTests {
    @Test func programRunsOnAKernelOfItsOwnWithNothingOfTheHost() throws { try MicroVMTests().ownKernel() }
}

/// Programs in guests: each test starts at least one.
@Suite(.serialized, .enabled(if: slowness == nil, "\(slowness ?? "")"))
struct MicroVMTests {
    private func spec(_ argv: [String], _ change: (inout JailLimits) -> Void = { _ in }) throws -> JailSpec {
        let fixture = try Fixture.shared.get()
        var spec = try fixture.spec([]) {
            $0.wallNs = 120_000_000_000
            change(&$0)
        }
        spec.argv = argv
        return spec
    }

    private func run(_ argv: [String], _ change: (inout JailLimits) -> Void = { _ in }) throws -> JailReport {
        try Fixture.shared.get().start().launch(spec(argv, change), tier: .microvm).wait()
    }

    private func hostKernel() throws -> String {
        String(decoding: try Files.read("/proc/sys/kernel/osrelease", limit: 256).prefix { $0 != 0x0a }, as: UTF8.self)
    }

    fileprivate func ownKernel() throws {
        let script = """
            echo kernel $(uname -r)
            echo interfaces $(grep -c : /proc/self/net/dev) $(grep -o 'lo:' /proc/self/net/dev)
            echo devices $(ls /dev) root $(ls /)
            echo identity $(id -u) $(grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status)
            touch /usr/x 2>/dev/null || echo read-only
            echo written > /tmp/file && cat /tmp/file
            echo to stderr >&2
            exit 7
            """
        let jail = try Fixture.shared.get().start().launch(spec(["/bin/sh", "-c", script]), tier: .microvm)
        let report = try jail.wait()
        let lines = String(decoding: jail.output, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(report.cause == .exited && report.exit == 7)
        try #require(lines.count == 6, "\(lines)")
        let host = try hostKernel()
        #expect(lines[0].hasPrefix("kernel ") && lines[0] != "kernel \(host)")
        #expect(lines[1] == "interfaces 1 lo:")
        #expect(lines[2].hasPrefix("devices null urandom zero root ") && lines[2].hasSuffix(" tmp usr victim"))
        #expect(
            lines[3] == "identity 1000 CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2")
        #expect(lines[4] == "read-only" && lines[5] == "written")
        let measured = report.measurement.of
        let tier = try MicroVMParts.find().tier
        #expect(measured.tier == tier)
        let machine = try #require(measured.machine)
        #expect(machine.profile.name == "qemu" && machine.filter != measured.filter)
        // The control: the same script in a process jail sees this machine's kernel.
        let control = try Fixture.shared.get().start().launch(spec(["/bin/sh", "-c", script]))
        #expect(try control.wait().exit == 7)
        #expect(String(decoding: control.output, as: UTF8.self).hasPrefix("kernel \(host)\n"))
    }

    @Test func channelCarriesLinesAndSealedFilesBothWays() throws {
        let program = """
            import socket, os, fcntl
            channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
            data, files, _, _ = socket.recv_fds(channel, 65536, 4)
            content = os.read(files[0], 1 << 20)
            try:
                os.write(files[0], b'x')
                writable = True
            except OSError:
                writable = False
            seals = fcntl.fcntl(files[0], 1034)
            channel.sendall(data + b'|%d|%d|%r|' % (len(files), seals, writable) + content)
            """
        let jail = try Fixture.shared.get().start().launch(
            spec(["/usr/bin/python3", "-I", "-S", "-c", program]) { $0.memoryBytes = 256 << 20 }, tier: .microvm,
            channel: true)
        let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let file = try MemoryFile.sealed(name: "input", content)
        try DescriptorSocket.send(Array("hello".utf8), descriptors: [file.descriptor.raw], over: jail.channel)
        var got: [UInt8] = []
        while true {
            let (bytes, _) = try DescriptorSocket.receive(from: jail.channel, limit: 65_536)
            if bytes.isEmpty { break }
            got += bytes
        }
        // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, as in the process tier.
        #expect(got == Array("hello|1|15|False|".utf8) + content)
        #expect(try jail.wait().exit == 0)
    }

    @Test func memoryBombIsMemoryLimit() throws {
        #expect(try run(["/victim", "memory", "268435456"]) { $0.memoryBytes = 64 << 20 }.cause == .memoryLimit)
        let control = try run(["/victim", "memory", "33554432"]) { $0.memoryBytes = 64 << 20 }
        #expect(control.cause == .exited && control.exit == 0)
    }

    @Test func forkBombIsPidsLimit() throws {
        #expect(try run(["/victim", "forks", "40"]) { $0.pids = 20 }.cause == .pidsLimit)
    }

    @Test func spinningIsCPULimit() throws {
        #expect(try run(["/victim", "spin"]) { $0.cpuSeconds = 1 }.cause == .cpuLimit)
    }

    @Test func hangingIsWallLimit() throws {
        let report = try run(["/victim", "hang"]) { $0.wallNs = 300_000_000 }
        #expect(report.cause == .wallLimit && report.exit == nil)
    }

    @Test func floodIsOutputLimitAndIsCutAtIt() throws {
        let jail = try Fixture.shared.get().start().launch(
            spec(["/victim", "flood", "100000000"]) { $0.outputBytes = 10_000 }, tier: .microvm)
        #expect(try jail.wait().cause == .outputLimit)
        #expect(jail.output.count == 10_000)
    }

    @Test func filterIsInForceInTheGuest() throws {
        #expect(try run(["/victim", "io-uring"]).cause == .syscall)
    }

    @Test func inputReachesTheProgramAndEnds() throws {
        let input = try MemoryFile.sealed(name: "input", [UInt8](repeating: 0x61, count: 300_000))
        lseek(input.descriptor.raw, 0, SEEK_SET)
        let jail = try Fixture.shared.get().start().launch(
            spec(["/usr/bin/wc", "-c"]), tier: .microvm, stdin: input.descriptor.duplicate())
        #expect(try jail.wait().accounting.bytesIn == 300_000)
        #expect(String(decoding: jail.output, as: UTF8.self) == "300000\n")
    }

    @Test func killedMonitorIsReportedAsItself() throws {
        let jail = try Fixture.shared.get().start().launch(spec(["/victim", "hang"]), tier: .microvm)
        let facts = String(decoding: try Files.read("/proc/self/fdinfo/\(jail.pidfd)", limit: 4096), as: UTF8.self)
        let line = try #require(facts.split(separator: "\n").first { $0.hasPrefix("Pid:") })
        let first = try #require(Int32(line.dropFirst(4).filter(\.isNumber)))
        let children = try Files.read("/proc/\(first)/task/\(first)/children", limit: 4096)
        let monitor = try #require(Int32(String(decoding: children, as: UTF8.self).filter(\.isNumber)))
        #expect(kill(monitor, SIGKILL) == 0)
        let report = try jail.wait()
        #expect(report.cause == .signal && report.signal == 9 && report.exit == nil)
    }

    @Test func missingProgramIsAnErrorOfExec() throws {
        let error = #expect(throws: JailError.self) { try run(["/usr/bin/no-such-program"]) }
        #expect(error?.code == "exec" && error?.exit == .jail)
    }

    @Test func writableBindIsRefused() throws {
        var spec = try spec(["/usr/bin/true"])
        spec.mounts.append(JailMount(.host("/tmp"), at: "/work", readOnly: false))
        let error = #expect(throws: JailError.self) {
            _ = try Fixture.shared.get().start().launch(spec, tier: .microvm)
        }
        #expect(error?.code == .specification)
    }
}

/// What needs no guest.
@Suite struct MicroVMBoundaryTests {
    @Test func missingPartsSayWhatToInstall() throws {
        let error = #expect(throws: JailError.self) { try MicroVMParts.find(directory: "/nonexistent") }
        #expect(error?.code == .microVMMissing && error?.exit == .jail)
        #expect(error?.remedy.contains("apt-get install") == true)
    }

    @Test func randomBytesNeverBecomeMoreThanFrames() {
        var generator = SplitMix(state: 0x5eed)
        for _ in 0..<5_000 {
            var parser = MicroVMFrame.Parser()
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                var bytes = (0..<Int.random(in: 0...96, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                // Half of them begin like a frame, so that the inside is reached too.
                if Bool.random(using: &generator), bytes.count >= 8 {
                    bytes[0] = UInt8.random(in: 14...24, using: &generator)
                    for index in 1..<8 { bytes[index] = 0 }
                    bytes[4] = UInt8.random(in: 0...80, using: &generator)
                }
                for frame in parser.take(bytes) {
                    #expect(frame.payload.count <= MicroVMFrame.maximumBytes)
                    if frame.kind == .failed { #expect(MicroVMFailure(frame.payload) != nil) }
                    if frame.kind == .end { #expect(MicroVMEnd(frame.payload) != nil) }
                }
            }
        }
    }

    @Test func framesSurviveEveryCut() {
        let whole: [UInt8] = [16, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3]
        for cut in 0...whole.count {
            var parser = MicroVMFrame.Parser()
            let frames = parser.take(whole[..<cut]) + parser.take(whole[cut...])
            #expect(frames == [.init(kind: .started, payload: []), .init(kind: .output, payload: [1, 2, 3])])
        }
    }

    /// A process plays the monitor with a hostile guest: it writes what it likes to the port.
    private func hostile(_ script: String, wallNs: UInt64 = 20_000_000_000, channel: Bool = false) throws -> JailCause {
        let fixture = try Fixture.shared.get()
        let launcher = try fixture.start()
        var spec = try fixture.spec([])
        spec.argv = ["/bin/sh", "-c", script]
        spec.output = .discard
        let machine = try launcher.launch(spec, channel: true)
        let stream = try DescriptorSocket.pair(SOCK_STREAM)
        let pump = MicroVMPump(
            machine: machine, parser: .init(), channel: channel ? fcntl(stream.second.raw, F_DUPFD_CLOEXEC, 3) : -1,
            input: -1, spec: spec,
            deadline: SystemClock.real.monotonic() &+ wallNs)
        pump.run([])
        return pump.cause(try machine.wait()).cause
    }

    @Test func whateverAGuestSendsIsNamed() throws {
        #expect(try hostile("cat /dev/urandom >&3") == .machineFailed)
        #expect(try hostile("printf '\\020\\0\\0\\0\\0\\0\\0\\0' >&3; sleep 60") == .machineFailed)
        #expect(try hostile("printf '\\022\\0\\0\\0\\377\\377\\377\\377' >&3; sleep 60") == .machineFailed)
        // A channel that nobody asked for.
        #expect(try hostile("printf '\\022\\0\\0\\0\\1\\0\\0\\0x' >&3; sleep 60") == .machineFailed)
        // Half a frame, and then nothing.
        #expect(try hostile("printf '\\024\\0\\0\\0\\5\\0' >&3; sleep 60", wallNs: 300_000_000) == .wallLimit)
        // Ends without a word. Whether the monitor is seen to have ended or is killed first is a matter of microseconds.
        #expect([.machineFailed, .signal].contains(try hostile("exit 0")))
        // The control: a frame of the end is believed.
        #expect(
            try hostile("printf '\\026\\0\\0\\0\\50\\0\\0\\0' >&3; head -c 40 /dev/zero >&3; sleep 60") == .exited)
    }

    @Test func floodOfAChannelThatNobodyReadsIsHeldBack() throws {
        let frame = "printf '\\022\\0\\0\\0\\0\\100\\0\\0'; head -c 16384 /dev/zero"
        #expect(
            try hostile("while :; do \(frame); done >&3", wallNs: 1_000_000_000, channel: true) == .wallLimit)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
