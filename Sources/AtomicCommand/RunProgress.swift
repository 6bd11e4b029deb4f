// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import CleanRoom

/// A line per stage on stderr while a job runs.
struct RunProgress {
    func show(_ progress: JobProgress) {
        switch progress {
        case .sealed(let count):
            Console.note("sealed      \(count) inputs to the room")
        case .accepted(let job, let inputs, let resumed):
            Console.note("\(resumed ? "resumed " : "accepted")    \(job), \(inputs) inputs")
        case .modelStarted(let name, let nanoseconds):
            Console.note("started     \(name) in its jail (\(nanoseconds / 1_000_000) ms)")
        case .jailFailed(let model, let message, let remedy):
            Console.note("no jail     \(model): \(message)\n            \(remedy)")
        case .finished(let item, let number, let total):
            // What is not due is no news.
            guard item.state != "skipped" else { return }
            let what = item.state == "answered" ? item.winner ?? "" : item.reason
            let state = item.state.padding(to: 12)
            Console.note("\(state)\(number)/\(total) \(TerminalText.line(item.name)) \(item.microtask)  \(what)")
        case .ended(let state):
            Console.note("ended       \(state)")
        }
    }
}

extension JobItem {
    /// Why there is no answer: the code, and the rules that said no.
    fileprivate var reason: String { (code ?? state) + (rules.isEmpty ? "" : ": " + rules.joined(separator: " ")) }
}
