// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
internal import Synchronization

/// Whether a launcher takes paths of the host as sources of mounts.
public enum BindPermission: String, Sendable {
    /// Staged images only: the supervisor's launcher.
    case none
    /// Whatever the caller may read: `atomic jail`, which has its own launcher with the caller's privileges.
    case caller
}

/// The one privileged process, and the only way to a jail. It ends with this object, which every
/// ``RunningJail`` keeps alive; if it is killed, its jails die with it.
public final class Launcher: Sendable {
    /// What the launcher found on this machine.
    public struct Machine: Sendable, Hashable {
        public let limits: LimitsEnforcement
        /// ABI number of Landlock; 0 where the kernel has none.
        public let landlock: Int
        /// Whether each jail has a host uid of its own that belongs to nobody (started as root).
        public let ownUid: Bool
    }

    struct Filter {
        let memory: Int32
        let digest: Digest
    }

    struct State: ~Copyable {
        let process: LauncherProcess
        var filters: [Digest: Filter] = [:]
        var measured: [MeasuredSpec: JailReport.Measured] = [:]
        var digest: Digest?

        deinit { for filter in filters.values { close(filter.memory) } }
    }

    public let machine: Machine
    /// SHA-256 of the launcher's executable, of the bytes that run.
    public var digest: Digest {
        get throws(JailError) {
            try state.withLock { (state) throws(JailError) in
                if let digest = state.digest { return digest }
                let made = try state.process.digest()
                state.digest = made
                return made
            }
        }
    }
    let state: Mutex<State>
    /// Monitors of virtual machines, staged when first asked for, by the places of their share.
    let monitors = Mutex<[[MicroVMMonitor.Place]: MicroVMMonitor]>([:])

    private init(
        _ process: consuming LauncherProcess, _ hello: LauncherReply, _ filters: [Digest: Filter]
    ) throws(JailError) {
        guard hello.errno == 0 else { throw .stage(hello, of: "the launcher cannot start") }
        let kinds: [LimitsEnforcement] = [.rlimit, .cgroup1, .cgroup2]
        machine = Machine(
            limits: kinds[Int(hello.value & 0xff) % 3], landlock: Int(hello.value >> 16 & 0xffff),
            ownUid: hello.value >> 8 & 1 == 1)
        state = Mutex(State(process: process, filters: filters))
    }

    /// Starts `atomic-launcher`. Call this before any thread exists and before any secret is in memory.
    ///
    /// - Parameters:
    ///   - executable: the launcher; by default the file `atomic-launcher` beside the running executable, then
    ///     `/usr/libexec/atomic/atomic-launcher`. No environment variable and no `PATH` is consulted.
    ///   - binds: whether it takes paths of the host as sources of mounts.
    ///   - once: whether there will be one jail only: then nothing is prepared for a second.
    /// - Throws: ``JailError`` `launcher-missing`, `launcher-start`, or the stage that failed on this machine, for
    ///   example `user-namespace`.
    public static func start(
        executable: String? = nil, binds: BindPermission = .none, once: Bool = false
    ) throws(JailError) -> Launcher {
        try begin(executable: executable, binds: binds, once: once).ready()
    }

    /// A launcher that is coming up. Whoever has something else to do until then does it, and asks for ``ready(with:)``.
    public struct Beginning: ~Copyable {
        let process: LauncherProcess
        /// The file and its arguments, where that is what runs.
        let inPlace: (path: String, arguments: [String])?

        /// Compiles the filters of these profiles while the launcher looks at the machine, then waits for it.
        public consuming func ready(with profiles: [SeccompProfile] = []) throws(JailError) -> Launcher {
            var filters: [Digest: Filter] = [:]
            for profile in profiles { filters[profile.digest] = try Launcher.compile(profile) }
            let hello = try process.hello()
            // Root in a container that has no other ids: the copy that nobody can write will do.
            if let inPlace, hello.errno != 0, hello.stage == "in-place" {
                let copy = try LauncherProcess.start(executable: inPlace.path, arguments: inPlace.arguments)
                let hello = try copy.hello()
                return try Launcher(copy, hello, filters)
            }
            return try Launcher(process, hello, filters)
        }
    }

    /// Starts `atomic-launcher` and does not wait until it is ready; otherwise as ``start(executable:binds:once:)``.
    public static func begin(
        executable: String? = nil, binds: BindPermission = .none, once: Bool = false
    ) throws(JailError) -> Beginning {
        let places = [
            "\(Files.parent(of: Executable.path))/atomic-launcher", "/usr/libexec/atomic/atomic-launcher",
        ]
        guard let path = executable ?? places.first(where: { Files.exists($0) }) else {
            throw .noLauncher("atomic-launcher is neither at \(places.joined(separator: " nor at "))")
        }
        let arguments = (binds == .caller ? ["--binds", "caller"] : []) + (once ? ["--once"] : [])
        let inPlace = once && Executable.isRootsAlone(path)
        return Beginning(
            process: try LauncherProcess.start(executable: path, arguments: arguments, inPlace: inPlace),
            inPlace: inPlace ? (path, arguments) : nil)
    }

    /// One request and its answer.
    func request(_ message: LauncherMessage, descriptors: [Int32] = []) throws(JailError) -> (
        reply: LauncherReply, descriptors: [Int32]
    ) {
        let bytes = try message.bytes
        let (answer, received) = try state.withLock { (state) throws(JailError) in
            try DescriptorSocket.send(bytes, descriptors: descriptors, over: state.process.socket.raw)
            return try DescriptorSocket.receive(from: state.process.socket.raw, limit: LauncherReply.bytes)
        }
        guard let reply = LauncherReply(answer) else { throw .launcherGone("reply") }
        guard reply.errno == 0 else { throw .stage(reply, of: "the jail cannot be built") }
        return (reply, received)
    }

    private static func compile(_ profile: SeccompProfile) throws(JailError) -> Filter {
        let bytes = try profile.compile()
        let memory = try MemoryFile.sealed(name: "atomic-filter", bytes)
        let raw = fcntl(memory.descriptor.raw, F_DUPFD_CLOEXEC, 3)
        guard raw >= 0 else { throw .system(.filter, "fcntl") }
        return Filter(memory: raw, digest: Digest.sha256(bytes))
    }

    /// The compiled filter of a profile, in a sealed memfd that stays open as long as the launcher.
    func filter(of profile: SeccompProfile) throws(JailError) -> Filter {
        if let known = state.withLock({ $0.filters[profile.digest] }) { return known }
        let made = try Self.compile(profile)
        return state.withLock { state in
            if let known = state.filters[profile.digest] {
                close(made.memory)
                return known
            }
            state.filters[profile.digest] = made
            return made
        }
    }
}

extension JailError {
    /// A stage that failed in the launcher.
    static func stage(_ reply: LauncherReply, of what: String) -> JailError {
        JailError(
            Code(rawValue: reply.stage), "\(what): \(reply.stage) \(reply.object): \(ErrorText.of(reply.errno))",
            remedy: remedy(reply.stage))
    }

    private static func remedy(_ stage: String) -> String {
        switch stage {
        case "exec": "name a program that exists inside the jail; bind it with --ro-bind if it is not in /usr"
        case "mount-source": "name a source that exists, is not of /proc, /sys or /dev, and that the launcher may bind"
        case "mount-target": "name an absolute target that exists in the root or can be made there"
        case "working-directory": "name a directory that exists inside the jail"
        case "user-namespace": "allow user namespaces (sysctl user.max_user_namespaces), or run as root"
        case "setup": "allow more memory if the limit is tiny; otherwise run `atomic doctor`"
        case "request": "report this as a defect"
        default: "run `atomic doctor`, which names what this machine lacks"
        }
    }
}
