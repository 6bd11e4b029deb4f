// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable

/// How fast a mailbox goes through the whole of `atomic run`, and what the time is spent on.
///
/// The peer of the wall time is the time in which a model was at work: what is above it is Atomic's own.
@main
struct TriageBench {
    let bin: String
    let work: String
    let preload: String

    static func main() throws {
        let arguments = try Arguments()
        if let directory = arguments.option("generate") {
            return try Mailbox.write(Int(arguments.value("messages")) ?? 0, to: directory)
        }
        let bench = TriageBench(
            bin: try arguments.value("bin"), work: try arguments.value("work"), preload: try arguments.value("preload"))
        var report = Report("triage")
        // Each is NAME:COUNT, with a room and a job file of that name in the work directory.
        for run in try arguments.value("runs").split(separator: ",") {
            let parts = run.split(separator: ":")
            try bench.run(String(parts[0]), String(parts[1]).replacing("_", with: " "), &report)
        }
        report.print(json: arguments.json)
    }

    private func run(_ name: String, _ title: String, _ report: inout Report) throws {
        let (output, counts) = ("\(work)/\(name).json", "\(work)/\(name).syncs")
        let watched = try Watched(
            [
                "/usr/bin/env", "LD_PRELOAD=\(preload)", "ATOMIC_BENCH_SYNCS=\(counts)", "\(bin)/atomic", "run",
                "\(work)/\(name).yaml", "--room", "\(work)/\(name)", "--report", "\(work)/\(name).html", "--json",
            ], output: output, child: "atomic-launcher")
        let outcome = try Outcome(Files.read(output), exit: watched.exit)
        let messages = outcome.messages
        let wall = Samples([outcome.wallSeconds])
        let busy = Samples([outcome.modelSeconds])
        report.add(
            Row(
                "\(title): wall s, against the time in which a model was at work", ours: wall, peer: "models at work",
                version: "", theirs: busy, target: .ratioAtMost(1 / 0.95)))
        report.add(
            Row(
                "\(title): messages/s", ours: Samples([messages / outcome.wallSeconds], better: .high),
                peer: "the models' time alone", version: "",
                theirs: Samples([messages / outcome.modelSeconds], better: .high),
                target: .open))
        report.add(
            Row(
                "\(title): s from a message's first step to its outcome", ours: outcome.latency, peer: "wall",
                version: "",
                theirs: wall, target: .open))
        report.add(
            Row(
                "\(title): s before and after the job (sealing, opening the room, summary, page)",
                ours: Samples([watched.wallSeconds - outcome.wallSeconds]), peer: "wall", version: "", theirs: wall,
                target: .open))
        try addCPU(outcome, watched, title, &report)
        try addSyncs(counts, messages, title, &report)
        report.add(
            Row(
                "\(title): MiB, the supervisor's largest", ours: Samples([Double(watched.peakBytes) / 1_048_576]),
                peer: "", version: "", theirs: Samples([]), target: .open))
        report.add(
            Row(
                "\(title): messages that ended with an answer", ours: Samples([outcome.released]), peer: "messages",
                version: "", theirs: Samples([messages]), target: .open))
    }

    /// A row per part; the ratio is its share of all CPU.
    private func addCPU(_ outcome: Outcome, _ watched: Watched, _ title: String, _ report: inout Report) throws {
        let models = outcome.cpu.reduce(0) { $0 + $1.seconds }
        // What the launcher's children used and no jail's account has: cloning, mounting, joining cgroups.
        let building = max(0, watched.grandchildrenCPUSeconds - models)
        var parts: [(name: String, seconds: Double)] = [
            ("supervisor", watched.cpuSeconds), ("launcher", watched.childCPUSeconds), ("building jails", building),
        ]
        parts += outcome.cpu.map { ($0.name, $0.seconds) }
        let all = Samples([parts.reduce(0) { $0 + $1.seconds }])
        for part in parts {
            report.add(
                Row(
                    "\(title): CPU s, \(part.name)", ours: Samples([part.seconds]), peer: "all parts", version: "",
                    theirs: all, target: .open))
        }
    }

    private func addSyncs(_ file: String, _ messages: Double, _ title: String, _ report: inout Report) throws {
        let counts = String(decoding: try Files.read(file), as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { Double($0) }
        guard counts.count == 3 else { throw Trouble("\(file) has no counts") }
        for (name, count) in zip(["fdatasync", "fsync", "syncfs"], counts) {
            report.add(
                Row(
                    "\(title): calls of \(name)", ours: Samples([count]), peer: "messages", version: "",
                    theirs: Samples([messages]), target: .open))
        }
    }
}
