// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// A log entry as a person reads it. Entries may hold text of outside programs: nothing of it reaches the terminal as
/// a control sequence.
struct EntryText {
    private let entry: LogEntry

    init(_ entry: LogEntry) { self.entry = entry }

    /// One line: number, time, who, what kind of event, what happened, to which job, by which rule.
    var line: String {
        let time = entry.wall.rfc3339.prefix(23).replacing("T", with: " ")
        let number = Self.padded("\(entry.seq)", to: 6, right: true)
        let story = EntryStory(entry)
        // Under two seconds' reading: what happened comes before the names that a machine would look for.
        var parts = [story.sentence]
        if let job = entry.job { parts.append(TerminalText.line(job)) }
        if let decision = story.decision { parts.append(decision) }
        let actor = Self.padded(TerminalText.line(entry.actor.id), to: 8)
        let type = Self.padded(TerminalText.line(entry.type), to: 16)
        return "\(number)  \(time)  \(actor)  \(type)  \(parts.joined(separator: "; "))"
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

    /// `name=value` of what data says, digests shortened.
    static func facts(_ data: JSONValue) -> [String] {
        flatten(data, below: "").map { name, value in "\(name)=\(shortened(value))" }
    }

    /// The first twelve digits of a digest; anything else as it is.
    static func shortened(_ value: String) -> String {
        value.hasPrefix("sha256:") ? String(value.dropFirst(7).prefix(12)) : value
    }

    private static func padded(_ text: String, to width: Int, right: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return right ? space + text : text + space
    }

    /// The leaves of a value with their way from the root, for example `decisions.0.rules.0`.
    private static func flatten(_ value: JSONValue, below name: String) -> [(String, String)] {
        func way(_ step: String) -> String { name.isEmpty ? step : "\(name).\(step)" }
        switch value {
        case .object(let members) where !members.isEmpty:
            return members.sorted { $0.key < $1.key }.flatMap { key, member in
                flatten(member, below: way(TerminalText.line(key)))
            }
        case .array(let items) where !items.isEmpty:
            return items.enumerated().flatMap { index, item in flatten(item, below: way("\(index)")) }
        case .string(let text): return [(name, TerminalText.line(text))]
        default: return [(name, TerminalText.line(String(decoding: value.canonical, as: UTF8.self)))]
        }
    }
}
