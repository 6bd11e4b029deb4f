// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Reporting
internal import TransparencyLog

/// What a job's log entries tell about executions: who ran on what, how long, at what cost, in which jail.
///
/// Read member by member instead of through the event types: a thousand messages are some ten thousand entries, and the
/// summary must not take longer than a small job. The log was verified when it was opened.
struct JobHistory {
    private(set) var attempts: [JobFacts.Attempt] = []
    private(set) var spans: [JobFacts.Span] = []
    private(set) var processes: [JobFacts.Process] = []
    /// Nanoseconds from the first step on an input to its outcome, by the input's digest.
    private(set) var latencies: [String: Int64] = [:]

    /// The rules that denied a microtask's answer, by the input's digest and the microtask.
    private(set) var denials: [[String]: [String]] = [:]

    private struct Jail {
        let model: String
        let role: String
        let started: Int64
        var hasWorked = false
    }

    private let job: String
    private var beginning: (boot: String, mono: UInt64)?
    private var jails: [String: Jail] = [:]
    /// When an input's first step was logged.
    private var begun: [String: Int64] = [:]
    /// When a jail got an input for a step that no auction settles.
    private var delivered: [String: Int64] = [:]
    /// In which jail a model's answer to a microtask was judged: its settlement follows.
    private var judged: [String: String] = [:]

    init(_ job: String) { self.job = job }

    /// Reads an entry; those of other jobs and of other boots' clocks are passed over.
    mutating func read(_ entry: LogEntry) {
        guard entry.job == job else { return }
        if beginning == nil { beginning = (entry.boot, entry.mono) }
        let now = beginning.flatMap {
            $0.boot == entry.boot && entry.mono >= $0.mono ? Int64(entry.mono - $0.mono) : nil
        }
        if let now, let input = entry.data["input"]?.stringValue {
            switch entry.type {
            case Event.OutputReleased.type, Event.OutputWithheld.type:
                latencies[input] = begun[input].map { now - $0 }
                for result in entry.data["microtasks"]?.arrayValue ?? [] {
                    guard let id = result["id"]?.stringValue, let rules = result["decision"]?["rules"]?.arrayValue
                    else { continue }
                    denials[[input, id]] = rules.compactMap(\.stringValue)
                }
            default: begun[input] = begun[input] ?? now
            }
        }
        switch entry.type {
        case Event.JailStarted.type:
            guard let jail = entry.data["jail"]?.stringValue else { return }
            jails[jail] = Jail(
                model: entry.data["model"]?.stringValue ?? "", role: entry.data["role"]?.stringValue ?? "",
                started: now ?? -1)
        case Event.InputDelivered.type:
            guard let jail = entry.data["jail"]?.stringValue, let now else { return }
            delivered[jail] = now
        case Event.OutputValidated.type: validated(entry.data, now)
        case Event.AuctionSettled.type: settled(entry.data, now)
        case Event.JailEnded.type: ended(entry.data)
        default: break
        }
    }

    private mutating func validated(_ data: JSONValue, _ now: Int64?) {
        guard let jail = data["jail"]?.stringValue, let step = data["microtask"]?.stringValue,
            let model = data["model"]?.stringValue
        else { return }
        guard let role = jails[jail]?.role, role == "parser" || role == "featurizer" else {
            judged[step + " " + model] = jail
            return
        }
        if let now, let from = delivered[jail] { work(in: jail, model, role, from: from, to: now) }
    }

    private mutating func settled(_ data: JSONValue, _ now: Int64?) {
        guard let step = data["microtask"]?.stringValue, let model = data["model"]?.stringValue,
            let slash = step.firstIndex(of: "/"), let number = Int(step[..<slash])
        else { return }
        let latency = data["latencyNs"]?.stringValue.flatMap { Int64($0) } ?? 0
        attempts.append(
            JobFacts.Attempt(
                message: number, microtask: String(step[step.index(after: slash)...]), model: model,
                outcome: data["outcome"]?.stringValue ?? "", cost: data["cost"]?.integerValue ?? 0, latencyNs: latency,
                cpuNs: data["cpuNs"]?.stringValue.flatMap { Int64($0) } ?? 0))
        guard let now, let jail = judged.removeValue(forKey: step + " " + model) else { return }
        work(in: jail, model, "executor", from: max(0, now - latency), to: now)
    }

    private mutating func work(in jail: String, _ model: String, _ role: String, from: Int64, to: Int64) {
        if let seat = jails[jail], !seat.hasWorked, seat.started >= 0 {
            spans.append(.init(model: model, role: role, phase: "starting", startNs: seat.started, endNs: from))
            jails[jail]?.hasWorked = true
        }
        spans.append(.init(model: model, role: role, phase: "working", startNs: from, endNs: to))
    }

    private mutating func ended(_ data: JSONValue) {
        guard let jail = data["jail"]?.stringValue, let seat = jails.removeValue(forKey: jail) else { return }
        delivered[jail] = nil
        processes.append(
            JobFacts.Process(
                model: seat.model, role: seat.role, cause: data["cause"]?.stringValue ?? "",
                cpuNs: data["cpuNs"]?.stringValue.flatMap { Int64($0) } ?? 0,
                peakBytes: data["peakBytes"]?.integerValue ?? 0))
    }
}
