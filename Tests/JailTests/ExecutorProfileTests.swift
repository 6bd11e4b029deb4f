// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Jail
import Testing

/// What `executor` refuses by argument, and what no other wall would: outside it works, under the profile it does not, and with that one
/// call allowed it works in the same jail.
@Suite struct ExecutorProfileTests {
    struct Probe: Sendable, CustomTestStringConvertible {
        let name: String
        let calls: [String]
        /// Nil: the filter kills.
        let number: Int32?
        var argument: [String] = []
        var testDescription: String { name }
    }

    static let probes: [Probe] = [
        .init(name: "write-execute", calls: ["mprotect"], number: EACCES),
        .init(name: "write-execute-at-once", calls: ["mmap"], number: EACCES),
        .init(name: "choose-cpu", calls: ["sched_setaffinity"], number: EPERM),
        .init(name: "signal-on-input", calls: ["fcntl"], number: nil),
        .init(name: "lock-file", calls: ["flock"], number: ENOLCK, argument: ["/victim"]),
    ]

    /// `executor` without PR_SET_MDWE, as on a kernel that does not know it.
    private func executor(allowing calls: [String]) throws -> SeccompProfile {
        let bytes = try Files.read("\(Fixture.package)/Policies/seccomp/executor.json")
        guard case .object(var file) = try JSONValue.parse(bytes), let rules = file["rules"]?.arrayValue else {
            throw TestProblem("executor.json is not a profile")
        }
        var kept: [JSONValue] = []
        for rule in rules {
            guard case .object(var rule) = rule, let named = rule["calls"]?.arrayValue else { continue }
            rule["calls"] = .array(named.filter { !calls.contains($0.stringValue ?? "") })
            if rule["calls"] != .array([]) { kept.append(.object(rule)) }
        }
        if !calls.isEmpty {
            kept.append(
                .object([
                    "calls": .array(calls.map { .string($0) }), "action": .string("allow"),
                    "reason": .string("control"),
                ]))
        }
        file["rules"] = .array(kept)
        file["denyWriteExecute"] = .bool(false)
        return try SeccompProfile(json: JSONValue.object(file).canonical)
    }

    @Test(arguments: probes) func whatTheProfileRefusesByItselfWorksWithoutThatRule(_ probe: Probe) throws {
        let fixture = try Fixture.shared.get()
        let outside = probe.argument.isEmpty ? [] : [fixture.victim]
        #expect(try fixture.outside([probe.name] + outside).code == 0, "the control did not work")
        let launcher = try fixture.start()
        func run(_ profile: SeccompProfile) throws -> (report: JailReport, output: String) {
            let jail = try launcher.launch(fixture.spec([probe.name] + probe.argument, profile: profile))
            let report = try jail.wait()
            return (report, String(decoding: jail.output, as: UTF8.self))
        }
        let (report, output) = try run(executor(allowing: []))
        if let number = probe.number {
            #expect(report.exit == 1 && output == "\(number)\n", "\(output)")
        } else {
            #expect(report.cause == .syscall)
        }
        #expect(try run(executor(allowing: probe.calls)).report.exit == 0)
    }
}
