// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import TransparencyLog

/// What an entry says, in words: one short sentence, and which rules decided.
///
/// Entries of a type that this version does not know, and those of other programs, are told as their facts.
struct EntryStory {
    private let entry: LogEntry

    init(_ entry: LogEntry) { self.entry = entry }

    /// For example `0007/spam: careful won, 2 bids, 1 excluded`. Never empty.
    var sentence: String {
        switch entry.type {
        case "room.created": "room \(text("name")) with the log \(text("origin"))"
        case "room.opened": "by version \(text("version")), executable \(short("executable"))"
        case "room.restored": "signed by \(count("signers", "key")): \(text("reason"))"
        case "key.created": "\(text("purpose")) key \(text("key"))"
        case "policy.accepted":
            "policy \(number("sequence")) in force, signed by \(count("signers", "key")), \(short("digest"))"
        case "policy.refused": "\(text("code")), envelope \(short("envelope"))"
        case "model.registered": "\(text("name")) \(text("version")), \(short("digest"))"
        case "job.accepted": accepted
        case "job.denied": denied
        case "job.decomposed": plural(number("microtasks"), "microtask")
        case "auction.held": held
        case "key.released": "\(text("microtask")): key of input \(short("input"))\(attempt)"
        case "jail.started": "\(text("role")) \(text("model")) in \(text("jail"))"
        case "input.delivered":
            "\(text("microtask")): input \(short("input")) to \(text("model")) in \(text("jail"))\(attempt)"
        case "jail.ended": ended
        case "output.validated": "\(text("microtask")): \(text("model")) answered, \(text("verdict"))\(code)"
        case "auction.settled":
            "\(text("microtask")): \(text("model")) \(text("outcome")), cost \(money("cost")), took \(time("latencyNs"))"
        case "output.withheld": "input \(short("input")): \(text("code")); \(microtasks)"
        case "output.released":
            "input \(short("input")): \(number("bytes")) bytes sealed; \(microtasks)"
                + (entry.data["review"]?.boolValue == true ? "; to be reviewed" : "")
        case "job.ended": jobEnded
        case "feedback.added":
            "\(text("microtask")): \(text("model")) was \(text("outcome")), says a \(text("source"))"
        case "memory.erased": "\(count("entries", "sealed record"))\(inputs) erased, \(text("reason"))"
        case "halt", "resume":
            "signed by \(count("signers", "key"))" + (entry.data["reason"] == nil ? "" : ": \(text("reason"))")
        default: EntryText.facts(entry.data).joined(separator: " ")
        }
    }

    private var inputs: String { entry.data["inputs"] == nil ? "" : " and \(count("inputs", "input"))" }

    /// Which rules decided, for example `permitted by P1`; of several models, each by its name. Nil where nothing was decided.
    var decision: String? {
        guard !entry.type.hasPrefix("x.") else { return nil }
        var said: [(about: String, words: String)] = []
        collect(entry.data, into: &said)
        guard let first = said.first else { return nil }
        if said.allSatisfy({ $0.words == first.words }) { return first.words }
        return said.map { "\($0.about): \($0.words)" }.joined(separator: ", ")
    }

    /// Every recorded decision in the data, each once: an outcome repeats the one of its first microtask.
    private func collect(_ value: JSONValue, into said: inout [(about: String, words: String)]) {
        switch value {
        case .object(let members):
            guard let request = members["request"], let outcome = members["outcome"]?.stringValue,
                let rules = members["rules"]?.arrayValue
            else {
                for name in members.keys.sorted() { if let member = members[name] { collect(member, into: &said) } }
                return
            }
            let ids = rules.compactMap(\.stringValue).map { TerminalText.line($0) }.joined(separator: " ")
            let kind = TerminalText.line(members["kind"]?.stringValue ?? outcome)
            let words =
                if !ids.isEmpty {
                    "\(kind) by \(ids)"
                } else if kind == "not-permitted" { "no rule permits it" } else { "denied: \(kind)" }
            let action = TerminalText.line(request["action"]?.stringValue ?? "")
            let about = [action, TerminalText.line(request["model"]?.stringValue ?? "")].filter { !$0.isEmpty }
            let item = (about: about.joined(separator: " of "), words: words)
            if !said.contains(where: { $0 == item }) { said.append(item) }
        case .array(let items): for item in items { collect(item, into: &said) }
        default: break
        }
    }

    // MARK: Sentences with branches

    private var accepted: String {
        let inputs = plural(entry.data["inputs"]?["count"]?.integerValue ?? 0, "input")
        let task = TerminalText.line(entry.data["task"]?["name"]?.stringValue ?? "?")
        let budget = entry.data["budget"]
        let cost = Money(micro: budget?["cost"]?.integerValue ?? 0)
        let wall = Self.seconds(budget?["wall"]?.stringValue)
        return
            "\(inputs) for \(task), purpose \(text("purpose")), asked by \(text("requester")), at most \(cost) and \(wall)"
    }

    /// Who asked and what for is in every decision, and nowhere else: a job that was not taken has no other entry.
    private var denied: String {
        let request = entry.data["decisions"]?.arrayValue?.first?["request"]
        let asked = request?["requester"]?.stringValue.map { ", asked by \(TerminalText.line($0))" } ?? ""
        let purpose = request?["purpose"]?.stringValue.map { " for \(TerminalText.line($0))" } ?? ""
        return "\(text("code"))\(asked)\(purpose), request \(short("digest"))"
    }

    private var held: String {
        let bids = "\(plural(number("bidders"), "bid")), \(number("excluded")) excluded"
        let trial = entry.data["trial"] == nil ? "" : " a trial beside the answer"
        guard entry.data["winner"] != nil else { return "\(text("microtask")): nobody won\(trial), \(bids)" }
        return "\(text("microtask")): \(text("winner")) won\(trial), \(bids)\(attempt)"
    }

    private var ended: String {
        let status =
            if let exit = entry.data["exit"]?.integerValue {
                " \(exit)"
            } else if let signal = entry.data["signal"]?
                .integerValue
            { " \(signal)" } else { "" }
        return
            "\(text("jail")): \(text("cause"))\(status), CPU \(time("cpuNs")), peak \(number("peakBytes") / 1024) KiB"
    }

    private var jobEnded: String {
        let parts = ["released", "review", "failed", "denied"].compactMap { name in
            number(name) == 0 && name != "released"
                ? nil : "\(number(name)) \(name == "review" ? "to be reviewed" : name)"
        }
        return "\(text("state")): \(parts.joined(separator: ", ")); cost \(money("cost")), took \(time("wallNs"))"
    }

    private var microtasks: String {
        (entry.data["microtasks"]?.arrayValue ?? []).map { item in
            let parts = ["id", "state", "model", "code"].compactMap { item[$0]?.stringValue }.map {
                TerminalText.line($0)
            }
            guard parts.count > 2 else { return parts.joined(separator: " ") }
            return "\(parts[0]) \(parts[1]) (\(parts[2...].joined(separator: ", ")))"
        }.joined(separator: ", ")
    }

    // MARK: Words

    /// From the second attempt on: the first is what one expects.
    private var attempt: String { number("attempt") > 1 ? ", attempt \(number("attempt"))" : "" }
    private var code: String { entry.data["code"] == nil ? "" : " (\(text("code")))" }

    private func text(_ name: String) -> String { TerminalText.line(entry.data[name]?.stringValue ?? "?") }
    private func number(_ name: String) -> Int64 { entry.data[name]?.integerValue ?? 0 }
    private func short(_ name: String) -> String { EntryText.shortened(text(name)) }
    private func money(_ name: String) -> String { Money(micro: number(name)).description }
    private func time(_ name: String) -> String { Self.seconds(entry.data[name]?.stringValue) }
    private func count(_ name: String, _ what: String) -> String {
        plural(Int64(entry.data[name]?.arrayValue?.count ?? 0), what)
    }
    private func plural(_ number: Int64, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    /// Nanoseconds in decimal as seconds with milliseconds.
    private static func seconds(_ nanoseconds: String?) -> String {
        guard let nanoseconds = nanoseconds.flatMap({ Int64($0) }) else { return "?" }
        let milliseconds = String(nanoseconds / 1_000_000 % 1_000)
        let whole = nanoseconds / 1_000_000_000
        guard milliseconds != "0" else { return "\(whole) s" }
        return "\(whole).\(String(repeating: "0", count: 3 - milliseconds.count))\(milliseconds) s"
    }
}
