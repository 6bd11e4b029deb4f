// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// A log entry as a person reads it. Entries may hold text of outside programs: nothing of it reaches the terminal as
/// a control sequence.
struct EntryText {
    private let entry: LogEntry

    init(_ entry: LogEntry) { self.entry = entry }

    /// One line: number, time, who, what, which job, and the facts.
    var line: String {
        let time = entry.wall.rfc3339.prefix(23).replacing("T", with: " ")
        let job = entry.job.map { " job \(TerminalText.line($0.prefix(12)))" } ?? ""
        let number = String(repeating: " ", count: max(0, 6 - "\(entry.seq)".count)) + "\(entry.seq)"
        return
            "\(number)  \(time)  \(TerminalText.line(entry.actor.id))  \(entry.type)\(job)  \(facts.joined(separator: " "))"
    }

    /// One fact per line.
    var paragraph: String {
        var rows = [
            ("entry", "\(entry.seq)"), ("time", "\(entry.wall.rfc3339), \(entry.mono) ns after the boot \(entry.boot)"),
            ("type", entry.type),
            ("actor", "\(TerminalText.line(entry.actor.id)), as \(TerminalText.line(entry.actor.role))"),
        ]
        if let job = entry.job { rows.append(("job", TerminalText.line(job))) }
        if let label = entry.label {
            rows.append(
                (
                    "label",
                    "\(TerminalText.line(label.class)) of \(TerminalText.line(label.owners.joined(separator: ", ")))"
                ))
        }
        rows.append(("policy", entry.policy == 0 ? "none yet" : "\(entry.policy)"))
        rows.append(("after", entry.prev.hex))
        for (name, value) in Self.flatten(entry.data, below: "") { rows.append((name, value)) }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }.joined(separator: "\n")
    }

    /// `name=value` of what the entry says, digests shortened; of a decision its outcome and its rules.
    private var facts: [String] {
        Self.flatten(entry.data, below: "").filter { !$0.0.contains("request.") }.map { name, value in
            let short = value.hasPrefix("sha256:") ? String(value.dropFirst(7).prefix(12)) : value
            return "\(name)=\(short)"
        }
    }

    private static func flatten(_ value: JSONValue, below name: String) -> [(String, String)] {
        switch value {
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { key, member in
                flatten(member, below: name.isEmpty ? TerminalText.line(key) : "\(name).\(TerminalText.line(key))")
            }
        case .string(let text): [(name, TerminalText.line(text))]
        default: [(name, TerminalText.line(String(decoding: value.canonical, as: UTF8.self)))]
        }
    }
}
