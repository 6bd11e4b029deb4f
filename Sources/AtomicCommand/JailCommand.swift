// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Glibc
internal import Jail
internal import JailShell

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
        if let problem = order.problem { throw ValidationError(problem) }
    }

    func run() throws {
        // The launcher comes first of all: this process has one thread and no secrets yet.
        let launcher = try Launcher.start(binds: .caller, once: true)
        let spec = try order.specification()
        let input = OwnedFD(adopting: fcntl(0, F_DUPFD_CLOEXEC, 3))
        let end = input.raw >= 0 ? try launcher.run(spec, stdin: input) : try launcher.run(spec)
        let code = try order.finish(end.report)
        if code != 0 { throw EarlyExit(code: code) }
    }

    private var order: JailOrder {
        var order = JailOrder()
        order.profile = profile
        order.roBinds = roBind
        order.binds = bind
        order.memory = memory
        order.pids = pids
        order.cpu = cpu
        order.cpuSeconds = cpuSeconds
        order.wall = wall
        order.outputLimit = outputLimit
        order.fileLimit = fileLimit
        order.tmpfsSize = tmpfsSize
        order.environment = env
        order.directory = chdir
        order.report = report
        order.command = command
        return order
    }
}

extension JailBind: ExpressibleByArgument {}

extension ByteSize: ExpressibleByArgument {
    package var defaultValueDescription: String { description }
}
