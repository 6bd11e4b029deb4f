// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable

/// `atomic seal` and `atomic open` against Debian's `age`, both as whole programs over the same file in memory.
@main
enum SealingBench {
    static func main() throws {
        let arguments = try Arguments()
        let atomic = "\(try arguments.value("bin"))/atomic"
        let age = try arguments.value("age")
        let version = try arguments.value("age-version")
        let directory = try arguments.value("memory")
        let recipient = try arguments.value("recipient")
        let plain = "\(directory)/plain"
        let size = 256 << 20
        try write(size, to: plain)

        func path(_ name: String) -> String { "\(directory)/\(name)" }
        let seal = Program([atomic, "seal", "-r", recipient, plain, "-o", path("ours.age")])
        let ageSeal = Program([age, "-r", recipient, "-o", path("theirs.age"), plain])
        let open = Program([atomic, "open", "-i", path("identity"), path("ours.age"), "-o", path("ours")])
        let ageOpen = Program([age, "-d", "-i", path("identity"), "-o", path("theirs"), path("ours.age")])

        var report = Report("sealing")
        for (verb, ours, theirs) in [("seal", seal, ageSeal), ("open", open, ageOpen)] {
            var costs: [(Program.Cost, Program.Cost)] = []
            for _ in 0..<arguments.rounds(15) {
                let first = try ours.run()
                let second = try theirs.run()
                costs.append((first, second))
                // Both write anew each time: replacing a file costs otherwise than making one.
                for name in verb == "seal" ? ["ours.age", "theirs.age"] : ["ours", "theirs"] {
                    if verb == "seal", costs.count == arguments.rounds(15) { continue }
                    try Files.remove(path(name))
                }
            }
            report.add(
                Row(
                    "\(verb) 256 MiB, user + system CPU seconds", ours: Samples(costs.map(\.0.cpuSeconds)), peer: "age",
                    version: version, theirs: Samples(costs.map(\.1.cpuSeconds)), target: .ratioAtMost(0.5)))
            report.add(
                Row(
                    "\(verb) 256 MiB, wall ms", ours: Samples(costs.map(\.0.wallMs)), peer: "age", version: version,
                    theirs: Samples(costs.map(\.1.wallMs)), target: .open))
        }
        report.print(json: arguments.json)
    }

    private static func write(_ size: Int, to path: String) throws {
        let block = RandomBytes.make(1 << 20)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        while bytes.count < size { bytes += block }
        try Files.writeVisibly(bytes, to: path)
    }
}
