// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable

/// What `atomic run --json` says of itself (docs/reports.md).
struct Outcome {
    let messages: Double
    /// Messages of which an answer left.
    let released: Double
    let wallSeconds: Double
    /// In which at least one process of a model worked or started.
    let modelSeconds: Double
    /// Seconds per message.
    let latency: Samples
    /// By role and model, from the accounts of their jails.
    let cpu: [(name: String, seconds: Double)]

    init(_ bytes: [UInt8], exit: Int32) throws {
        let run = try JSONValue.parse(bytes)
        guard let summary = run["summary"], let total = summary["messages"]?["total"]?.integerValue else {
            throw Trouble("the run ended with \(exit): \(String(decoding: bytes.prefix(2_000), as: UTF8.self))")
        }
        func seconds(_ value: JSONValue?) -> Double { (value?.stringValue.flatMap { Double($0) } ?? 0) / 1e9 }
        let counts = summary["messages"]
        messages = Double(total)
        released = Double((counts?["released"]?.integerValue ?? 0) + (counts?["needsReview"]?.integerValue ?? 0))
        wallSeconds = seconds(run["wallNs"])
        modelSeconds = seconds(summary["totals"]?["modelNs"])
        latency = Samples((run["messages"]?.arrayValue ?? []).map { seconds($0["latencyNs"]) })
        cpu = (summary["processes"]?.arrayValue ?? []).map { process in
            let role = process["role"]?.stringValue ?? ""
            let jails = process["jails"]?.integerValue ?? 0
            return (
                "\(process["model"]?.stringValue ?? "") (\(role), \(jails) jail\(jails == 1 ? "" : "s"))",
                seconds(process["cpuNs"])
            )
        }
    }
}
