// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable
internal import Glibc
internal import Jail

/// Launch to exit: `atomic jail` and the launcher inside the supervisor against other sandboxes, pair by pair.
@main
struct JailBench {
    let bin: String
    let program: String
    let peers: Peers
    let rounds: Int

    static func main() throws {
        let arguments = try Arguments()
        let bench = JailBench(
            bin: try arguments.value("bin"), program: try arguments.value("program"), peers: try Peers(arguments),
            rounds: arguments.rounds(300))
        var report = Report("jail")
        // The launcher comes before any thread.
        let launcher = try Launcher.start(executable: "\(bench.bin)/atomic-launcher", binds: .caller)
        try bench.wholeProcess(&report)
        try bench.inProcess(launcher, &report)
        try RoundTrip(echo: arguments.value("echo"), rounds: bench.rounds * 30).measure(launcher, &report)
        try Parked().measure(launcher, &report)
        if let model = arguments.option("model") {
            try TokenRate(bin: bench.bin, model: model, script: arguments.value("tokens")).measure(&report)
        }
        report.print(json: arguments.json)
    }

    private func wholeProcess(_ report: inout Report) throws {
        let ours = Program(["\(bin)/atomic", "jail", "--", "/usr/bin/true"])
        let peer = peers.bubblewrap([], "/usr/bin/true")
        let (a, b) = try pairs({ try ours.run().wallMs }, { try peer.run().wallMs })
        report.add(
            Row(
                "`atomic jail -- /usr/bin/true`, whole process, ms", ours: a, peer: "bubblewrap",
                version: peers.bubblewrapVersion, theirs: b, target: .ratioAtMost(1)))
        for other in peers.others {
            let (a, b) = try pairs(
                { try ours.run().wallMs }, { try other.program.run().wallMs }, rounds: max(5, rounds / 20))
            report.add(
                Row(
                    "`atomic jail -- /usr/bin/true`, whole process, ms", ours: a, peer: other.name,
                    version: other.version, theirs: b, target: .open))
        }
    }

    private func inProcess(_ launcher: Launcher, _ report: inout Report) throws {
        let profile = try SeccompProfile.find("strict")
        let bytes = try Files.read(program)
        let image = try launcher.stageImage(Digest.sha256(bytes), bytes: 8 << 20, inodes: 16) { directory in
            // SAFETY: a constant name; the descriptor is closed before the closure returns.
            let raw = unsafe openat(directory, "true", O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
            let file = OwnedFD(adopting: raw)
            try Files.write(bytes, to: file.raw, named: "true")
        }
        let still = JailSpec(profile: profile, argv: ["/true"], root: .image(image))
        let dynamic = JailSpec(profile: profile, argv: ["/usr/bin/true"], root: .system)
        let bound = peers.bubblewrap(["--ro-bind", program, "/tmp/true"], "/tmp/true")

        let (a, b) = try pairs({ try Self.launch(launcher, still) }, { try bound.run().wallMs })
        report.add(
            Row(
                "static program in a staged image, launch to exit inside the supervisor, ms", ours: a,
                peer: "bubblewrap", version: peers.bubblewrapVersion, theirs: b, target: .ratioAtMost(0.25)))

        let usual = peers.bubblewrap([], "/usr/bin/true")
        let (c, d) = try pairs({ try Self.launch(launcher, dynamic) }, { try usual.run().wallMs })
        report.add(
            Row(
                "dynamic /usr/bin/true, launch to exit inside the supervisor, ms", ours: c, peer: "bubblewrap",
                version: peers.bubblewrapVersion, theirs: d, target: .ratioAtMost(0.4)))

        let plain = Program([program])
        let (e, f) = try pairs({ try Self.launch(launcher, still) }, { try plain.run().wallMs })
        report.add(
            Row(
                "static program in a staged image, against no jail at all, ms", ours: e, peer: "posix_spawn",
                version: Program.libc, theirs: f, target: .open))

        try perSecond(launcher, still, bound, &report)
    }

    /// Two threads launch for a second each time, ours and the peer's in turn.
    private func perSecond(_ launcher: Launcher, _ spec: JailSpec, _ peer: Program, _ report: inout Report) throws {
        var ours: [Double] = []
        var theirs: [Double] = []
        for _ in 0..<max(1, rounds / 50) {
            ours.append(try rate { _ = try Self.launch(launcher, spec) })
            theirs.append(try rate { try peer.run() })
        }
        report.add(
            Row(
                "static program, launches per second by two threads, all namespaces fresh",
                ours: Samples(ours, better: .high), peer: "bubblewrap", version: peers.bubblewrapVersion,
                theirs: Samples(theirs, better: .high), target: .ratioAtLeast(3)))
    }

    private func rate(_ launch: @escaping @Sendable () throws -> Void) throws -> Double {
        let counts = Tally()
        let start = Stopwatch.now
        try Crew.run(2) { _ in
            while Stopwatch.ms(since: start) < 1000 {
                do {
                    try launch()
                    counts.add()
                } catch {
                    counts.fail("\(error)")
                    return
                }
            }
        }
        return Double(try counts.total()) / (Stopwatch.ms(since: start) / 1000)
    }

    /// Launches, waits for the report, and demands that the program ended well.
    private static func launch(_ launcher: Launcher, _ spec: JailSpec) throws -> Double {
        let start = Stopwatch.now
        let end = try launcher.run(spec).report
        let taken = Stopwatch.ms(since: start)
        guard end.exit == 0 else { throw Trouble("a jail ended with \(end)") }
        return taken
    }

    /// Ours and the peer's in turn; the first twentieth only warms up.
    private func pairs(
        _ ours: () throws -> Double, _ peer: () throws -> Double, rounds asked: Int? = nil
    ) throws -> (Samples, Samples) {
        let rounds = asked ?? self.rounds
        var a: [Double] = []
        var b: [Double] = []
        for round in 0..<rounds + rounds / 20 {
            let (first, second) = (try ours(), try peer())
            if round >= rounds / 20 {
                a.append(first)
                b.append(second)
            }
        }
        return (Samples(a), Samples(b))
    }
}
