// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc
internal import Jail

/// `atomic jail`: the jail of models for any program.
struct JailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jail", abstract: "Run a program in the jail that models run in.",
        usage: "atomic jail [<options>] -- <command> [<arguments>…]",
        discussion: """
            Without binds the jail holds /usr read-only, its own /proc, /dev/null, /dev/zero, /dev/urandom and a /tmp in
            memory. Ends with the exit code of the command; with 128 + the signal when a signal or a limit ended it; \
            with 5 when the jail could not be built, and then nothing ran.
            Sizes are bytes, or have one of the suffixes K, M, G.

            Example: atomic jail --ro-bind ./tools:/tools --memory 512M --wall 10 -- /tools/parse /tools/sample
            """)

    @OptionGroup var options: CommandOptions

    @Option(help: "The seccomp profile: a name, or a path with a slash.")
    var profile = "strict"
    @Option(help: ArgumentHelp("Show SRC read-only in the jail.", valueName: "src[:dst]"))
    var roBind: [JailBind] = []
    @Option(help: ArgumentHelp("Show SRC writable in the jail.", valueName: "src[:dst]"))
    var bind: [JailBind] = []
    @Option(help: "Memory of all processes together.")
    var memory = ByteSize(2 << 30)
    @Option(help: "Processes and threads at one time.")
    var pids: UInt64 = 256
    @Option(help: "Percent of one CPU.")
    var cpu: UInt64?
    @Option(help: "CPU seconds of all processes together.")
    var cpuSeconds: UInt64 = 3600
    @Option(help: "Wall-clock seconds; fractions are fine.")
    var wall: Double = 3600
    @Option(help: "Bytes of standard output and standard error together.")
    var outputLimit = ByteSize(1 << 30)
    @Option(help: "Size of the largest file that can be written.")
    var fileLimit = ByteSize(1 << 30)
    @Option(help: "Size of /tmp.")
    var tmpfsSize = ByteSize(64 << 20)
    @Option(help: ArgumentHelp("Set a variable; nothing is inherited.", valueName: "name=value"))
    var env: [String] = []
    @Option(help: "The working directory in the jail.")
    var chdir = "/"
    @Option(help: "Write how it ended and what it used to this file, as JSON.")
    var report: String?
    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("no command is given; it comes after --") }
        if pids == 0 || cpu == 0 || cpuSeconds == 0 || !(wall > 0 && wall < 1e9) {
            throw ValidationError("a limit of zero would run nothing")
        }
        for setting in env where !setting.dropFirst().contains("=") {
            throw ValidationError("--env \(setting) is not NAME=VALUE")
        }
    }

    func run() throws {
        // The launcher comes first of all: this process has one thread and no secrets yet.
        let launcher = try Launcher.start(binds: .caller, once: true)
        let spec = try specification()
        let input = OwnedFD(adopting: fcntl(0, F_DUPFD_CLOEXEC, 3))
        let jail = input.raw >= 0 ? try launcher.launch(spec, stdin: input) : try launcher.launch(spec)
        let end = try jail.wait()
        if let report { try Files.writeDurably(CanonicalJSON.encode(end) + [0x0a], to: report) }
        let ending = JailEnding(end, limits: spec.limits)
        for line in [ending.explanation].compactMap({ $0 }) + ending.notes { Console.note("atomic jail: \(line)") }
        let code = end.exit ?? 128 + (end.signal ?? 0)
        if code != 0 { throw EarlyExit(code: code) }
    }

    private func specification() throws -> JailSpec {
        var limits = JailLimits()
        limits.memoryBytes = memory.bytes
        limits.pids = pids
        limits.cpuPercent = cpu
        limits.cpuSeconds = cpuSeconds
        limits.wallNs = UInt64(wall * 1e9)
        limits.outputBytes = outputLimit.bytes
        limits.fileBytes = fileLimit.bytes
        limits.tmpfsBytes = tmpfsSize.bytes
        limits.tmpfsInodes = 16_384
        limits.openFiles = 1024
        var environment: [String: String] = [:]
        for setting in env {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = String(parts[1])
        }
        let mounts = try roBind.map { try $0.mount(readOnly: true) } + bind.map { try $0.mount(readOnly: false) }
        return JailSpec(
            profile: try SeccompProfile.find(profile), argv: command, environment: environment, root: .system,
            mounts: mounts, limits: limits, workingDirectory: chdir, output: .relay(output: 1, error: 2))
    }
}

/// `SRC` or `SRC:DST`.
struct JailBind: ExpressibleByArgument {
    let source: String
    let target: String?

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, !first.isEmpty, parts.count == 1 || parts[1].hasPrefix("/") else { return nil }
        source = first
        target = parts.count == 2 ? parts[1] : nil
    }

    /// The source is resolved here, with the caller's eyes; the target is its resolved path unless given.
    func mount(readOnly: Bool) throws -> JailMount {
        // SAFETY: realpath returns nil or a string from malloc, which is copied and freed once.
        guard let resolved = unsafe realpath(source, nil) else {
            throw JailError(
                "mount-source", "\(source): \(ErrorText.of(errno))", remedy: "name a source that exists")
        }
        defer { unsafe free(resolved) }
        let path = unsafe String(cString: resolved)
        return JailMount(.host(path), at: target ?? path, readOnly: readOnly)
    }
}

/// Bytes, with K, M or G for powers of 1024.
struct ByteSize: ExpressibleByArgument, CustomStringConvertible {
    let bytes: UInt64

    init(_ bytes: UInt64) { self.bytes = bytes }

    init?(argument: String) {
        let factors: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let factor = argument.last.flatMap { factors[$0] }
        guard let number = UInt64(factor == nil ? argument : String(argument.dropLast())), number > 0 else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor ?? 1)
        guard !overflow, bytes < 1 << 62 else { return nil }
        self.bytes = bytes
    }

    var description: String {
        for (name, size) in [("G", UInt64(1) << 30), ("M", 1 << 20), ("K", 1 << 10)] where bytes % size == 0 {
            return "\(bytes / size)\(name)"
        }
        return "\(bytes)"
    }

    var defaultValueDescription: String { description }
}
