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
        let job = entry.job.map { " job \(Self.shown($0.prefix(12)))" } ?? ""
        let number = String(repeating: " ", count: max(0, 6 - "\(entry.seq)".count)) + "\(entry.seq)"
        return "\(number)  \(time)  \(Self.shown(entry.actor.id))  \(entry.type)\(job)  \(facts.joined(separator: " "))"
    }

    /// One fact per line.
    var paragraph: String {
        var rows = [
            ("entry", "\(entry.seq)"), ("time", "\(entry.wall.rfc3339), \(entry.mono) ns after the boot \(entry.boot)"),
            ("type", entry.type), ("actor", "\(Self.shown(entry.actor.id)), as \(Self.shown(entry.actor.role))"),
        ]
        if let job = entry.job { rows.append(("job", Self.shown(job))) }
        if let label = entry.label {
            rows.append(("label", "\(Self.shown(label.class)) of \(Self.shown(label.owners.joined(separator: ", ")))"))
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
                flatten(member, below: name.isEmpty ? shown(key) : "\(name).\(shown(key))")
            }
        case .string(let text): [(name, shown(text))]
        default: [(name, shown(String(decoding: value.canonical, as: UTF8.self)))]
        }
    }

    /// Text without control and format characters.
    private static func shown(_ text: some StringProtocol) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                out.append("\u{fffd}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
