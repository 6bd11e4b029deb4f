// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
public import Jail
internal import Synchronization

/// One process of a model in its own jail: an executor, or the bidder of a model that has one.
///
/// The order is: make the session, log its ``measurement``, ``start()``, then calls, then ``end()``. A `oneshot` model
/// has one process per input: its session takes one call. A `jsonrpc` session takes many, inside one compartment.
/// Whatever fails, ``end()`` still tells how the jail ended. Not for concurrent use.
public final class ExecutorSession {
    public enum Role: String, Sendable {
        case executor, bidder, parser, featurizer
    }

    public let model: RegisteredModel
    public let role: Role
    /// What the jail will be, known before it starts.
    public let measurement: JailMeasurement
    private let launcher: Launcher
    private let spec: JailSpec
    private let tier: JailTier
    private var jail: (any JailedProgram)?
    private var dialogue: ExecutorDialogue?
    private var report: JailReport?
    private var used = false
    private var allowance: CPUAllowance?

    /// Plans the jail. Nothing runs.
    ///
    /// - Parameters:
    ///   - image: from ``RegisteredModel/stage(with:tier:)`` with the same launcher and tier.
    ///   - tier: what separates the process from the host.
    ///   - profiles: directory of the seccomp profiles; by default the installation's.
    /// - Throws: ``ExecutorError`` `start-failed` with the jail's exit code 5.
    public init(
        _ model: RegisteredModel, image: ImageHandle, launcher: Launcher, role: Role = .executor,
        tier: JailTier = .process, profiles: String? = nil
    ) throws(ExecutorError) {
        self.model = model
        self.role = role
        self.launcher = launcher
        self.tier = tier
        let manifest = model.manifest
        let argv = role == .bidder ? manifest.bid?.program ?? [] : manifest.argv
        let profile = role == .bidder ? manifest.bid?.profile ?? manifest.profile : manifest.profile
        do {
            spec = JailSpec(
                profile: try SeccompProfile.find(profile, directory: profiles), argv: argv,
                root: .image(image), limits: manifest.limits, workingDirectory: "/tmp",
                output: manifest.protocol == .oneshot && role != .bidder ? .collect : .discard)
            measurement = try launcher.measure(
                spec, tier: tier, channel: role == .bidder || manifest.protocol == .jsonrpc)
        } catch {
            throw ExecutorError(jail: error)
        }
    }

    /// What ``cut()`` needs to know of the process, from whatever thread it is called.
    private struct Wire {
        var isCut = false
        var jail: (any JailedProgram)?
    }

    private let wire = Mutex(Wire())

    deinit { jail?.kill() }

    /// Kills the process now, and whatever would be started for this session later; from any thread. Who is at work with the
    /// session finds it crashed, and ends it as always.
    public func cut() {
        wire.withLock { wire in
            wire.isCut = true
            wire.jail?.kill()
        }
    }

    /// The jail was launched.
    private func take(_ jail: any JailedProgram) {
        self.jail = jail
        wire.withLock { wire in
            wire.jail = jail
            if wire.isCut { jail.kill() }
        }
    }

    private var usesChannel: Bool { role == .bidder || model.manifest.protocol == .jsonrpc }

    /// Starts the process and waits until it says that it is ready. A `oneshot` process starts with its input instead.
    ///
    /// - Throws: ``ExecutorError`` `start-failed`, or any code of a run.
    public func start() throws(ExecutorError) {
        guard usesChannel, jail == nil, report == nil else { return }
        let jail: any JailedProgram
        do {
            jail = try launcher.launch(spec, tier: tier, channel: true)
        } catch {
            throw ExecutorError(jail: error)
        }
        take(jail)
        dialogue = ExecutorDialogue(descriptor: jail.channel)
        _ = try ask(.initialize, .object(["protocol": .string("atomic/executor/v1")]), limitNs: nil)
    }

    /// Asks the bidder for its bid.
    /// - Throws: ``ExecutorError`` with a code of the run.
    public func bid(_ request: BidRequest, limitNs: UInt64? = nil) throws(ExecutorError) -> RawBid {
        let parameters: JSONValue
        do { parameters = try CanonicalJSON.value(request) } catch { throw .image(error.message, cause: error) }
        guard case .bid(let bid) = try ask(.bid, parameters, limitNs: limitNs) else {
            throw .running(.protocolViolation)
        }
        return bid
    }

    /// Gives an input to the model and waits for its answer.
    ///
    /// - Parameters:
    ///   - input: descriptor of a sealed memory file; borrowed. The model gets one of its own, read-only, at the start.
    ///   - id: the microtask, for example `0007/spam`.
    ///   - type: of the microtask, for a model that offers several.
    ///   - schema: JSON Schema of the answer, for the model to follow; who checks is the supervisor.
    ///   - plan: template, demonstrations and parameters, within the model's ``AdaptationHints``; else an empty object.
    ///   - limitNs: what is left of the job's time in nanoseconds; the model's own limit counts when it is shorter.
    ///   - cpuLimitNs: CPU time that the job's money pays for, in nanoseconds; nil for no limit.
    /// - Throws: ``ExecutorError`` with a code of the run. The process is dead then.
    public func execute(
        id: String, type: String? = nil, input: Int32, schema: JSONValue, plan: JSONValue = .object([:]),
        limitNs: UInt64? = nil, cpuLimitNs: UInt64? = nil
    ) throws(ExecutorError) -> ExecutorResult {
        let begun = SystemClock.real.monotonic()
        let attachment: OwnedFD
        do {
            attachment = try Files.open("/proc/self/fd/\(input)", O_RDONLY)
        } catch {
            throw ExecutorError(
                .startFailed, "the input could not be opened for the model: \(error.message)", remedy: error.remedy,
                cause: error)
        }
        guard usesChannel else {
            return try executeOnce(attachment, limitNs: allowed(limitNs), cpuLimitNs: cpuLimitNs, begun: begun)
        }
        if let jail { allowance = CPUAllowance(cpuLimitNs, in: jail, after: jail.cpuNs() ?? 0) }
        defer { allowance = nil }
        let limit = allowed(limitNs)
        let parameters = ExecuteRequest.parameters(
            id: id, type: type ?? model.manifest.tasks.first?.type ?? "", schema: schema, plan: plan, limitNs: limit)
        guard
            case .answer(let value, let confidence) = try ask(
                .execute, parameters, attachment: attachment.raw, limitNs: limitNs)
        else { throw .running(.protocolViolation) }
        return ExecutorResult(
            value: value, confidence: confidence, latencyNs: SystemClock.real.monotonic() &- begun)
    }

    /// Gives labelled examples to a model that keeps a memory, before its first call. They are gone with the process.
    ///
    /// - Parameters:
    ///   - type: of the microtask that the examples answer.
    ///   - examples: at most as many as the model asked for count; the last ones are the newest.
    /// - Throws: ``ExecutorError`` with a code of the run. The process is dead then.
    public func feedback(
        type: String, examples: [LabelledExample], limitNs: UInt64? = nil
    ) throws(ExecutorError) {
        let wanted = Int(clamping: model.manifest.adaptation?.memory ?? 0)
        for part in LabelledExample.parts(examples.suffix(wanted)) {
            let parameters: JSONValue = .object(["type": .string(type), "examples": .array(part.map(\.json))])
            guard case .learned = try ask(.feedback, parameters, limitNs: limitNs) else {
                throw .running(.protocolViolation)
            }
        }
    }

    /// What the process has used so far; of a process that has ended, what it used in all.
    public func meter() -> ExecutorMeter {
        if let report { return report.meter }
        guard let jail else { return ExecutorMeter(cpuNs: 0, bytes: 0) }
        return ExecutorMeter(
            cpuNs: jail.cpuNs() ?? 0, bytes: (dialogue?.sent ?? 0) &+ (dialogue?.received ?? 0))
    }

    /// Ends the process, politely where it listens, and tells what it used and how it ended. Nil when nothing ran.
    @discardableResult
    public func end() throws(ExecutorError) -> JailReport? {
        if let report { return report }
        guard let jail else { return nil }
        // A second is generous for a program that has nothing left to do; it is killed either way.
        let grace: UInt64 = 1_000_000_000
        var leaves = false
        if dialogue != nil, !used, (try? ask(.shutdown, .object([:]), limitNs: grace)) != nil {
            leaves = Self.hasEnded(jail, before: SystemClock.real.monotonic() &+ grace)
        }
        return try finish(jail, killing: !leaves)
    }

    // MARK: - One process per input

    private func executeOnce(
        _ input: consuming OwnedFD, limitNs: UInt64, cpuLimitNs: UInt64?, begun: UInt64
    ) throws(ExecutorError) -> ExecutorResult {
        guard jail == nil, report == nil, let table = model.manifest.answer else {
            throw ExecutorError(
                .startFailed, "a oneshot session takes one input", remedy: "make a session per input")
        }
        let jail: any JailedProgram
        do {
            jail = try launcher.launch(spec, tier: tier, stdin: input, channel: false)
        } catch {
            throw ExecutorError(jail: error)
        }
        take(jail)
        let allowance = CPUAllowance(cpuLimitNs, in: jail, after: 0)
        let late = !Self.hasEnded(jail, before: begun &+ limitNs, within: allowance)
        let isOverdrawn = late && allowance?.isSpent == true
        let report = try finish(jail, killing: late)
        if late { throw .running(isOverdrawn ? .overBudget : .hung) }
        if let failure = Self.failure(of: report) { throw .running(failure) }
        // A quick program may be over before the limit's kill reaches it; what it wrote counts all the same.
        guard report.accounting.bytesOut <= spec.limits.outputBytes else { throw .running(.oversize) }
        let (value, confidence) = try table.answer(exit: report.exit ?? -1, output: jail.output)
        return ExecutorResult(
            value: value, confidence: confidence, latencyNs: SystemClock.real.monotonic() &- begun)
    }

    /// Waits for the end of a jail, but not beyond a deadline in monotonic nanoseconds or an allowance.
    private static func hasEnded(
        _ jail: any JailedProgram, before deadline: UInt64, within allowance: CPUAllowance? = nil
    ) -> Bool {
        while true {
            let left = Int64(bitPattern: deadline &- SystemClock.real.monotonic())
            guard left > 0 else { return false }
            var waiting = pollfd(fd: jail.pidfd, events: Int16(POLLIN), revents: 0)
            // SAFETY: one pollfd, valid for the call.
            let longest = allowance == nil ? left : min(left, CPUAllowance.interval)
            let ready = unsafe poll(&waiting, 1, Int32(clamping: longest / 1_000_000 + 1))
            if ready > 0 || (ready < 0 && errno != EINTR) { return true }
            if allowance?.isSpent == true { return false }
        }
    }

    // MARK: - The dialogue

    private func allowed(_ limitNs: UInt64?) -> UInt64 { min(limitNs ?? .max, model.manifest.callLimitNs) }

    private func ask(
        _ method: ExecutorSessionStateMachine.Method, _ parameters: JSONValue, attachment: Int32? = nil,
        limitNs: UInt64?
    ) throws(ExecutorError) -> ExecutorSessionStateMachine.Reply {
        guard let jail, var dialogue, !used else {
            throw ExecutorError(
                .startFailed, "the session has no running process", remedy: "start a new session")
        }
        let before = (sent: dialogue.sent, received: dialogue.received)
        let allowance = self.allowance
        dialogue.isOverdrawn = allowance.map { allowance in { allowance.isSpent } }
        defer {
            self.dialogue = dialogue
            jail.countChannel(in: dialogue.sent - before.sent, out: dialogue.received - before.received)
        }
        do {
            return try dialogue.ask(
                method, parameters, attachment: attachment,
                deadline: SystemClock.real.monotonic() &+ allowed(limitNs))
        } catch {
            used = true
            let isOverdrawn = error.code == .hung && allowance?.isSpent == true
            throw cause(of: isOverdrawn ? .running(.overBudget, cause: error) : error, in: jail)
        }
    }

    /// When the channel closed, the jail's end says more than the channel does: which limit, which signal.
    private func cause(of error: ExecutorError, in jail: any JailedProgram) -> ExecutorError {
        let ended = error.code == .crashed || error.code == .startFailed
        guard let report = try? finish(jail, killing: !ended) else { return error }
        guard ended, let failure = Self.failure(of: report), failure != .crashed else { return error }
        return .running(failure, cause: error)
    }

    private func finish(_ jail: any JailedProgram, killing: Bool) throws(ExecutorError) -> JailReport {
        if let report { return report }
        if killing { jail.kill() }
        do {
            let report = try jail.wait()
            self.report = report
            self.jail = nil
            wire.withLock { $0.jail = nil }
            return report
        } catch {
            throw ExecutorError(jail: error)
        }
    }

    /// Nil when the program ended by itself with an exit code.
    private static func failure(of report: JailReport) -> ExecutorError.Code? {
        switch report.cause {
        case .exited: nil
        case .signal, .machineFailed: .crashed
        case .syscall: .syscall
        case .memoryLimit: .memoryLimit
        case .pidsLimit: .pidsLimit
        case .cpuLimit: .cpuLimit
        case .fileLimit: .fileLimit
        case .wallLimit: .hung
        case .outputLimit: .oversize
        }
    }
}

extension ExecutorError {
    /// A jail that could not be built is the jail's failure (exit 5), whichever model it was for.
    init(jail error: JailError) {
        self.init(
            .startFailed, error.message, remedy: error.remedy, exit: error.exit, cause: error)
    }
}
