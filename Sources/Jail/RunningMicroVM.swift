// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Synchronization

/// A program in a virtual machine, with a running jail's interface. When the object ends before it, it is killed.
final class RunningMicroVM: JailedProgram {
    private struct State {
        var thread: pthread_t
        var joined = false
        var channelIn: UInt64 = 0
        var channelOut: UInt64 = 0
        /// The monitor's end, once it is known.
        var machine: Result<JailReport, JailError>?
    }

    let channel: Int32
    private let measured: JailReport.Measured
    /// The jail that the monitor runs in.
    private let machine: RunningJail
    private let pump: MicroVMPump
    private let state: Mutex<State>
    /// Where the monitor's words go: open until its jail has ended.
    private let complaints: MemoryFile

    /// - Parameters:
    ///   - channel: the supervisor's end of descriptor 3, or -1; owned from here on.
    ///   - early: frames that came with the program's start.
    init(
        machine: RunningJail, channel: Int32, measured: JailReport.Measured, pump: MicroVMPump, early: [MicroVMFrame],
        complaints: consuming MemoryFile
    ) throws(JailError) {
        self.machine = machine
        self.channel = channel
        self.measured = measured
        self.pump = pump
        self.complaints = complaints
        do throws(JailError) {
            state = Mutex(State(thread: try Self.startThread(pump, early)))
        } catch {
            machine.kill()
            if channel >= 0 { close(channel) }
            throw error
        }
    }

    deinit {
        kill()
        join()
        _ = try? machine.wait()
        if channel >= 0 { close(channel) }
    }

    var pidfd: Int32 { machine.pidfd }

    /// Of the whole machine, counted from outside.
    func cpuNs() -> UInt64? { machine.cpuNs() }

    func countChannel(in received: UInt64, out sent: UInt64) {
        state.withLock {
            $0.channelIn += received
            $0.channelOut += sent
        }
    }

    func kill() { machine.kill() }

    var output: [UInt8] {
        join()
        return pump.kept
    }

    func wait() throws(JailError) -> JailReport {
        join()
        let (ended, received, sent) = try state.withLock { (state) throws(JailError) in
            if state.machine == nil {
                do throws(JailError) { state.machine = .success(try machine.wait()) } catch {
                    state.machine = .failure(error)
                }
            }
            guard let machine = state.machine else { throw .launcherGone("report") }
            return (try machine.get(), state.channelIn, state.channelOut)
        }
        let (cause, exit, signal) = pump.cause(ended)
        return JailReport(
            measurement: measured, cause: cause, exit: exit, signal: signal, syscall: nil, limits: ended.limits,
            accounting: JailAccounting(
                cpuNs: ended.accounting.cpuNs, wallNs: ended.accounting.wallNs, peakBytes: ended.accounting.peakBytes,
                bytesIn: pump.bytesIn + received, bytesOut: pump.bytesOut + sent),
            hits: measured.of.limits.amount(of: cause).map { [JailHit(cause.rawValue, $0)] } ?? [],
            teardown: ended.teardown)
    }

    private func join() {
        state.withLock { state in
            guard !state.joined else { return }
            // The thread was created joinable and is joined once, under the lock.
            _ = pthread_join(state.thread, nil)
            state.joined = true
        }
    }

    private final class Task: Sendable {
        let pump: MicroVMPump
        let early: [MicroVMFrame]

        init(_ pump: MicroVMPump, _ early: [MicroVMFrame]) {
            self.pump = pump
            self.early = early
        }
    }

    private static func startThread(_ pump: MicroVMPump, _ early: [MicroVMFrame]) throws(JailError) -> pthread_t {
        var thread = pthread_t()
        // SAFETY: the retained reference is taken over, once, by the thread, or released below when none was made.
        let argument = unsafe Unmanaged.passRetained(Task(pump, early))
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                // Signals are for the program's own threads, and a closed pipe is an errno here.
                var all = sigset_t()
                unsafe sigfillset(&all)
                unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
                if let argument = unsafe argument {
                    let task = unsafe Unmanaged<Task>.fromOpaque(argument).takeRetainedValue()
                    task.pump.run(task.early)
                }
                return nil
            }, argument.toOpaque())
        guard failure == 0 else {
            unsafe argument.release()
            throw .system("thread", "pthread_create", errno: failure)
        }
        return thread
    }
}
