// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
internal import Synchronization

extension Launcher {
    /// What a jail of this specification will be in a tier. Runs nothing.
    /// - Throws: ``JailError``; for the tier `microvm` also what this machine lacks for it.
    public func measure(_ spec: JailSpec, tier: JailTier, channel: Bool = false) throws(JailError) -> JailMeasurement {
        switch tier {
        case .process: try measure(spec, channel: channel)
        case .microvm: try measure(spec, on: machine(for: spec), channel: channel)
        }
    }

    /// Builds the jail and starts the program in it. When this throws, the program did not run.
    ///
    /// - Parameters: as in ``launch(_:stdin:channel:)``.
    /// - Throws: ``JailError``; the code is the stage that failed.
    public func launch(
        _ spec: JailSpec, tier: JailTier, stdin: consuming OwnedFD? = nil, channel: Bool = false
    ) throws(JailError) -> any JailedProgram {
        switch tier {
        case .process: return try launch(spec, stdin: stdin, channel: channel)
        case .microvm: return try launchMicroVM(spec, stdin: stdin, channel: channel)
        }
    }

    private func machine(for spec: JailSpec) throws(JailError) -> MicroVMMachine {
        let plan = try MicroVMMachine.Plan(spec)
        return MicroVMMachine(
            spec, plan: plan, monitor: try monitor(places: plan.mounts.map(\.place)),
            profile: try SeccompProfile.find("qemu"))
    }

    /// The staged monitor for these places of the share, once.
    private func monitor(places: [MicroVMMonitor.Place]) throws(JailError) -> MicroVMMonitor {
        try monitors.withLock { (known) throws(JailError) in
            if let found = known[places] { return found }
            let parts = try MicroVMParts.find()
            try parts.requireAccelerator()
            let made = try MicroVMMonitor.stage(parts, places: places, with: self)
            known[places] = made
            return made
        }
    }

    private func measure(
        _ spec: JailSpec, on machine: MicroVMMachine, channel: Bool
    ) throws(JailError) -> JailMeasurement {
        let inner = try measure(spec, channel: channel)
        let outer = try measure(machine.jail, channel: true)
        return inner.inside(
            JailMeasurement.Machine(
                accelerator: machine.monitor.parts.accelerator.rawValue, kernel: machine.monitor.kernel,
                initrd: machine.monitor.initrd, profile: outer.profile, filter: outer.filter,
                monitor: try outer.digest()),
            tier: machine.monitor.parts.tier)
    }

    private func launchMicroVM(
        _ spec: JailSpec, stdin: consuming OwnedFD?, channel: Bool
    ) throws(JailError) -> any JailedProgram {
        guard !spec.argv.isEmpty else { throw .badSpecification("there is no program to run") }
        let plan = try machine(for: spec)
        let measurement = try measure(spec, on: plan, channel: channel)
        let measured = JailReport.Measured(digest: try measurement.digest(), of: measurement)
        let configuration = try plan.configuration(
            channel: channel, filter: try spec.profile.compile(),
            clockNs: UInt64(clamping: SystemClock.real.wall().nanoseconds))
        // The monitor complains on standard error: kept for the one message that a failed start may need.
        let complaints = try MemoryFile(name: "atomic-monitor")
        var outer = plan.jail
        outer.output = .relay(output: complaints.descriptor.raw, error: complaints.descriptor.raw)
        let running = try launch(outer, channel: true)
        var start = MicroVMStart(port: running.channel, limitNs: plan.startLimitNs)
        let early: [MicroVMFrame]
        do throws(JailError) {
            early = try start.run(configuration)
        } catch {
            running.kill()
            let report = try? running.wait()
            let said = (try? complaints.contents()).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw error.explained(by: report, saying: said)
        }
        // From here on the complaints are nobody's: the relay ends with the jail.
        let stream = try DescriptorSocket.pair(SOCK_STREAM)
        let (deadline, overflow) = SystemClock.real.monotonic().addingReportingOverflow(spec.limits.wallNs)
        let input: Int32 =
            switch consume stdin {
            case .some(let given): given.release()
            case .none: -1
            }
        let pump = MicroVMPump(
            machine: running, parser: start.parser, channel: channel ? stream.second.release() : -1, input: input,
            spec: spec, deadline: overflow ? .max : deadline)
        return try RunningMicroVM(
            machine: running, channel: channel ? stream.first.release() : -1, measured: measured, pump: pump,
            early: early, complaints: complaints)
    }
}

/// From a started monitor to a started program: the configuration goes in, one word comes back.
struct MicroVMStart {
    let port: Int32
    let limitNs: UInt64
    private(set) var parser = MicroVMFrame.Parser()

    init(port: Int32, limitNs: UInt64) {
        self.port = port
        self.limitNs = limitNs
    }

    /// - Returns: what the program sent in the same breath.
    /// - Throws: ``JailError`` with the guest's stage, or `microvm-start`.
    mutating func run(_ configuration: [UInt8]) throws(JailError) -> [MicroVMFrame] {
        let deadline = SystemClock.real.monotonic() &+ limitNs
        var outgoing = MicroVMFrame.bytes(.configuration, configuration)[...]
        while true {
            let left = Int64(bitPattern: deadline &- SystemClock.real.monotonic())
            guard left > 0 else {
                throw .microVMStart("the guest did not come up within \(limitNs / 1_000_000_000) seconds")
            }
            var wanted = pollfd(
                fd: port, events: Int16(POLLIN) | (outgoing.isEmpty ? 0 : Int16(POLLOUT)), revents: 0)
            // SAFETY: one pollfd, valid for the call.
            guard unsafe poll(&wanted, 1, Int32(clamping: left / 1_000_000 + 1)) > 0 else { continue }
            if wanted.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                var chunk = [UInt8](repeating: 0, count: 65_536)
                // SAFETY: the buffer is valid for its own length. MSG_DONTWAIT.
                let got = unsafe recv(port, &chunk, chunk.count, 0x40)
                if got < 0, errno == EAGAIN || errno == EINTR { continue }
                guard got > 0 else { throw .microVMStart("the virtual machine ended before its program began") }
                let frames = parser.take(chunk[..<got])
                guard let first = frames.first else {
                    if parser.isBroken { throw .microVMStart("the guest sent something that is no frame") }
                    continue
                }
                if first.kind == .started { return Array(frames.dropFirst()) }
                guard first.kind == .failed, let failure = MicroVMFailure(first.payload) else {
                    throw .microVMStart("the guest began with a frame that does not belong there")
                }
                throw .guest(failure)
            }
            if wanted.revents & Int16(POLLOUT) != 0 {
                // SAFETY: the slice is valid for its own length. MSG_DONTWAIT | MSG_NOSIGNAL.
                let put = unsafe outgoing.withUnsafeBytes { unsafe send(port, $0.baseAddress, $0.count, 0x4040) }
                if put > 0 { outgoing = outgoing.dropFirst(put) }
            }
        }
    }
}

extension JailError {
    static func microVMStart(_ message: String) -> JailError {
        JailError(.microVMStart, message, remedy: "run `atomic doctor`, which starts a guest and names what is missing")
    }

    static func guest(_ failure: MicroVMFailure) -> JailError {
        let remedy =
            switch failure.stage {
            case "exec": "name a program that exists inside the jail; bind it with --ro-bind if it is not in /usr"
            case "working-directory": "name a directory that exists inside the jail"
            default: "run `atomic doctor`; scripts/make-microvm makes the guest's parts anew"
            }
        return JailError(
            Code(rawValue: failure.stage),
            "the jail cannot be built: \(failure.stage) \(failure.object): \(ErrorText.of(failure.errno))",
            remedy: remedy)
    }

    /// With what is known of the monitor's end.
    fileprivate func explained(by report: JailReport?, saying text: String) -> JailError {
        guard code == .microVMStart, let report else { return self }
        var more: [String] = []
        if report.cause != .signal || report.signal != 9 {
            more.append("the monitor ended by \(report.cause.rawValue)")
        }
        if let line = text.split(separator: "\n").last(where: { !$0.isEmpty }) {
            more.append(String(line.unicodeScalars.prefix(300).filter { (32..<127).contains($0.value) }))
        }
        guard !more.isEmpty else { return self }
        return JailError(code, "\(message) (\(more.joined(separator: ": ")))", remedy: remedy, exit: exit, cause: cause)
    }
}
