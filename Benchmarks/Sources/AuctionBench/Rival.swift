// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable

/// Another program that chooses among as many bidders, by its fastest way: `Benchmarks/Programs/fastest.py` says how.
struct Rival {
    let name: String
    /// How many times its CPU per decision ours may be.
    let target: Double
    private let program: Asked
    private var samples: [Double] = []
    private var told = Told(us: 0, way: "", version: "")

    struct Told: Codable {
        let us: Double
        let way: String
        let version: String
    }

    init(_ name: String, _ python: String, _ script: String, target: Double) throws {
        self.name = name
        self.target = target
        program = try Asked([python, "-B", "Benchmarks/Programs/\(script)"])
    }

    /// One turn; a turn that only warms up is not counted.
    mutating func turn(bidders: Int, decisions: Int, counts: Bool) throws {
        told = try CanonicalJSON.decodeRelaxed(Told.self, from: program.ask("\(bidders) \(decisions)"))
        if counts { samples.append(told.us) }
    }

    /// The row of all turns since the last one.
    mutating func row(_ bidders: Int, ours: Samples) -> Row {
        defer { samples = [] }
        return Row(
            "\(bidders) bidders, award with its record, CPU us", ours: ours, peer: "\(name), \(told.way)",
            version: told.version, theirs: Samples(samples), target: .ratioAtMost(target))
    }
}
