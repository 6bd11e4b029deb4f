// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
internal import Synchronization

extension Launcher {
    /// What a jail of this specification will be. Runs nothing.
    /// - Throws: ``JailError`` `filter` when the profile does not compile.
    public func measure(_ spec: JailSpec, channel: Bool = false) throws(JailError) -> JailMeasurement {
        try measured(spec, channel: channel).of
    }

    /// The measurement with its digest, made once for every specification: the same jail is launched again and again.
    func measured(_ spec: JailSpec, channel: Bool) throws(JailError) -> JailReport.Measured {
        let key = MeasuredSpec(spec: spec, channel: channel)
        if let known = state.withLock({ $0.measured[key] }) { return known }
        let measurement = try describe(spec, channel: channel)
        let made = JailReport.Measured(digest: try measurement.digest(), of: measurement)
        state.withLock { state in
            // A daemon sees many one-shot jails whose arguments differ.
            if state.measured.count >= MeasuredSpec.most { state.measured.removeAll() }
            state.measured[key] = made
        }
        return made
    }

    private func describe(_ spec: JailSpec, channel: Bool) throws(JailError) -> JailMeasurement {
        let (root, image): (String, Digest?) =
            switch spec.root {
            case .system: ("system", nil)
            case .image(let image): ("image", image.digest)
            }
        return JailMeasurement(
            v: 1, tier: "process", launcher: try digest,
            profile: .init(name: spec.profile.name, digest: spec.profile.digest),
            filter: try filter(of: spec.profile).digest, root: root, image: image,
            mounts: spec.mounts.map { mount in
                let source =
                    switch mount.source {
                    case .host(let path): path
                    case .image(let image, let path): "\(image.digest)\(path)"
                    }
                return .init(source: source, target: mount.target, readOnly: mount.readOnly, noexec: mount.noexec)
            },
            argv: spec.argv, environment: spec.environment.keys.sorted(), devices: spec.kvm ? ["/dev/kvm"] : [],
            workingDirectory: spec.workingDirectory,
            channel: channel, limits: spec.limits, enforcement: machine.limits,
            namespaces: ["cgroup", "ipc", "mount", "net", "pid", "time", "user", "uts"], landlock: machine.landlock,
            uid: machine.ownUid ? "own" : "caller", machine: nil)
    }

    /// Builds the jail and starts the program in it. When this throws, nothing ran.
    ///
    /// - Parameters:
    ///   - stdin: any descriptor; by default an empty stream. A file (a sealed memfd, say) is handed over as it is, from
    ///     its current position; a pipe, socket or terminal is relayed, so that no terminal is ever inside.
    ///   - channel: whether descriptor 3 is an AF_UNIX stream to ``RunningJail/channel``.
    /// - Throws: ``JailError``; the code is the stage that failed.
    public func launch(
        _ spec: JailSpec, stdin: consuming OwnedFD? = nil, channel: Bool = false
    ) throws(JailError) -> RunningJail {
        let measured = try measured(spec, channel: channel)
        let started = try start(spec, stdin: stdin, channel: channel)
        return try RunningJail(
            id: started.number, cpuBefore: started.cpuBefore, pidfd: started.pidfd, channel: started.channel,
            measured: measured, launcher: self,
            pump: started.pump)
    }

    /// Builds the jail, runs the program in it and waits for its end on the calling thread, which drains its output meanwhile:
    /// for whoever has nothing else to do. Limits are enforced as in ``launch(_:stdin:channel:)``.
    ///
    /// - Returns: the report, and standard output as far as ``JailSpec/Output/collect`` keeps it.
    /// - Throws: ``JailError`` with the stage that failed, and then nothing ran; `launcher-lost` when the launcher died.
    public func run(
        _ spec: JailSpec, stdin: consuming OwnedFD? = nil
    ) throws(JailError) -> (report: JailReport, output: [UInt8]) {
        let measured = try measured(spec, channel: false)
        let (end, pump) = try wait(for: start(spec, stdin: stdin, channel: false))
        return (JailReport(end, measured, pump: pump), pump.kept)
    }

    /// The same for whoever wants no report: nothing is measured, neither the jail nor the launcher.
    public func runUnreported(_ spec: JailSpec, stdin: consuming OwnedFD? = nil) throws(JailError) -> JailOutcome {
        JailOutcome(try wait(for: start(spec, stdin: stdin, channel: false)).end, limits: spec.limits)
    }

    private func wait(for started: Started) throws(JailError) -> (end: LauncherReport, pump: JailPump) {
        defer { close(started.pidfd) }
        started.pump.prepare()
        started.pump.run()
        guard let end = started.pump.report else { throw .launcherGone("report") }
        return (end, started.pump)
    }

    /// A jail that runs, and what belongs to it.
    private struct Started {
        let number: UInt64
        /// Where the cgroup's meter of CPU stood, in nanoseconds: it has served other jails.
        let cpuBefore: UInt64
        let pidfd: Int32
        let channel: Int32
        let pump: JailPump
    }

    private func start(
        _ spec: JailSpec, stdin: consuming OwnedFD?, channel: Bool
    ) throws(JailError) -> Started {
        let message = try LauncherMessage.launch(spec, channel: channel)
        let filter = try filter(of: spec.profile)
        let input = try JailInput(consume stdin)
        let output = try DescriptorSocket.pipe()
        let error = try DescriptorSocket.pipe()
        let stream = try DescriptorSocket.pair(SOCK_STREAM)
        var descriptors = [filter.memory, input.inside.raw, output.second.raw, error.second.raw]
        if channel { descriptors.append(stream.second.raw) }
        let (reply, received) = try request(message, descriptors: descriptors)
        guard received.count == 2 else {
            for descriptor in received { close(descriptor) }
            throw .launcherGone("launch")
        }
        let pump = JailPump(
            control: received[0], output: output.first.release(), error: error.first.release(), input: input.relay(),
            mode: spec.output, limit: spec.limits.outputBytes)
        return Started(
            number: reply.value, cpuBefore: UInt64(reply.object) ?? 0, pidfd: received[1],
            channel: channel ? stream.first.release() : -1, pump: pump)
    }
}

/// What a measurement is made of. Compared whole; hashed by what usually differs.
struct MeasuredSpec: Hashable {
    /// How many are kept.
    static let most = 256

    let spec: JailSpec
    let channel: Bool

    func hash(into hasher: inout Hasher) {
        hasher.combine(spec.profile.digest)
        hasher.combine(spec.argv)
    }
}

/// Standard input of a jail: the descriptor that goes inside, and what is relayed into it.
struct JailInput: ~Copyable {
    /// Source and the pipe's writing end, both owned by whoever relays; bytes that went in without a relay.
    struct Relay {
        var source: Int32 = -1
        var sink: Int32 = -1
        var bytes: UInt64 = 0
    }

    let inside: OwnedFD
    private var parts: Relay

    init(_ given: consuming OwnedFD?) throws(JailError) {
        parts = Relay()
        guard let given else {
            do {
                inside = try Files.open("/dev/null", O_RDONLY)
            } catch {
                throw JailError("stdin", error.message, remedy: error.remedy, cause: error)
            }
            return
        }
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        guard unsafe fstat(given.raw, &status) == 0 else { throw .system("stdin", "fstat") }
        if status.st_mode & S_IFMT == S_IFREG {
            let position = max(0, lseek(given.raw, 0, SEEK_CUR))
            parts.bytes = UInt64(max(0, Int64(status.st_size) - Int64(position)))
            inside = given
            return
        }
        let pipe = try DescriptorSocket.pipe()
        parts.source = given.release()
        parts.sink = pipe.second.release()
        inside = pipe.first
    }

    /// Gives the relay's descriptors away.
    consuming func relay() -> Relay { parts }
}
