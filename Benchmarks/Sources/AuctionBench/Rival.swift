// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable

/// Another program that chooses among as many bidders, by its fastest way: `Benchmarks/Programs/fastest.py` says how.
struct Rival {
    let name: String
    /// How many times its CPU per decision ours may be; nil for a row to be read.
    let target: Double?
    /// Whether its decision is learned from, so that ours is measured with learning, too.
    let learns: Bool
    private let program: Asked
    private var samples: [Double] = []
    private var told = Told(us: 0, way: "", version: "")

    struct Told: Codable {
        let us: Double
        let way: String
        let version: String
    }

    /// - Parameter command: the interpreter, the script and its options.
    init(_ name: String, _ command: [String], target: Double?, learns: Bool) throws {
        self.name = name
        self.target = target
        self.learns = learns
        program = try Asked([command[0], "-B", "Benchmarks/Programs/\(command[1])"] + command.dropFirst(2))
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
            "\(bidders) bidders, learned award with its record\(learns ? " and learning" : ""), CPU us", ours: ours,
            peer: "\(name), \(told.way)",
            version: told.version, theirs: Samples(samples), target: target.map(Target.ratioAtMost) ?? .open)
    }
}
