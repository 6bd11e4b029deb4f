// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
internal import Synchronization

/// A jail that runs. Its standard output and error are drained by a thread of its own from the first moment.
/// When the object ends before the jail, the jail is killed.
public final class RunningJail: Sendable {
    /// Unique within the launcher's life.
    public let id: UInt64
    public let measurement: JailMeasurement
    /// A pidfd of the jail's PID 1 (pidfd_open(2)): readable when the jail has ended. It belongs to this object.
    public let pidfd: Int32
    /// The supervisor's end of descriptor 3, an AF_UNIX stream; -1 when none was asked for.
    /// It belongs to this object: do not close it (shutdown(2) is fine), and do not use it after the object is gone.
    public let channel: Int32
    /// Where the meter of CPU stood before.
    let cpuBefore: UInt64

    private struct State {
        var thread: pthread_t
        var joined = false
        var channelIn: UInt64 = 0
        var channelOut: UInt64 = 0
    }

    /// A jail keeps its launcher: without it there is nobody to report the end.
    private let launcher: Launcher
    private let measured: JailReport.Measured
    private let pump: JailPump
    private let state: Mutex<State>

    init(
        id: UInt64, cpuBefore: UInt64, pidfd: Int32, channel: Int32, measured: JailReport.Measured, launcher: Launcher,
        pump: JailPump
    ) throws(JailError) {
        self.id = id
        self.cpuBefore = cpuBefore
        self.pidfd = pidfd
        self.channel = channel
        self.measured = measured
        self.measurement = measured.of
        self.launcher = launcher
        self.pump = pump
        pump.prepare()
        do throws(JailError) {
            state = Mutex(State(thread: try Self.startThread(pump)))
        } catch {
            // The pump closes the control socket with its last reference, and that kills the jail.
            close(pidfd)
            if channel >= 0 { close(channel) }
            throw error
        }
    }

    deinit {
        kill()
        join()
        close(pidfd)
        if channel >= 0 { close(channel) }
    }

    /// Waits until the jail has ended, everything in it is reaped and its output is drained.
    ///
    /// Limits are enforced whether or not anybody waits: by the kernel, the launcher and the draining thread.
    /// - Throws: ``JailError`` `launcher-lost` when the launcher died; its jails died with it.
    public func wait() throws(JailError) -> JailReport {
        let (received, sent) = join()
        guard let end = pump.report else { throw .launcherGone("report") }
        return JailReport(end, measured, pump: pump, received: received, sent: sent)
    }

    /// What the program wrote to standard output, with ``JailSpec/Output/collect``, up to the limit. Waits for the end.
    public var output: [UInt8] {
        join()
        return pump.kept
    }

    /// What holds the limits.
    var enforcement: LimitsEnforcement { launcher.machine.limits }

    /// Counts bytes of the channel into the accounting: its owner is the only one who knows them.
    /// - Parameters:
    ///   - received: bytes that went into the jail.
    ///   - sent: bytes that came out of it.
    public func countChannel(in received: UInt64, out sent: UInt64) {
        state.withLock {
            $0.channelIn += received
            $0.channelOut += sent
        }
    }

    /// Kills everything in the jail; ``wait()`` then reports `signal` 9. Harmless when it has ended.
    public func kill() { JailPump.order(JailPump.unwanted, over: pump.control) }

    @discardableResult
    private func join() -> (UInt64, UInt64) {
        state.withLock { state in
            if !state.joined {
                // The thread was created joinable and is joined once, under the lock.
                _ = pthread_join(state.thread, nil)
                state.joined = true
            }
            return (state.channelIn, state.channelOut)
        }
    }

    private static func startThread(_ pump: JailPump) throws(JailError) -> pthread_t {
        var thread = pthread_t()
        // SAFETY: the retained reference is taken over, once, by the thread, or released below when none was made.
        let argument = unsafe Unmanaged.passRetained(pump)
        let failure = unsafe pthread_create(
            &thread, nil,
            { argument in
                // Signals are for the program's own threads, and a closed pipe is an errno here.
                var all = sigset_t()
                unsafe sigfillset(&all)
                unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
                if let argument = unsafe argument {
                    unsafe Unmanaged<JailPump>.fromOpaque(argument).takeRetainedValue().run()
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
