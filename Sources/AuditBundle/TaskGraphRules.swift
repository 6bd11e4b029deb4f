// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

extension Record.TaskGraph {
    /// Whether an `input: parsed` or `answers` needs the parser: `answers` alone has nothing of the message.
    public var needsParser: Bool { microtasks.contains { $0.input == "parsed" } }

    /// Whether a microtask of this graph cannot run before the message was parsed.
    public func needsParser(_ microtask: Microtask) -> Bool {
        microtask.input == "parsed" || (microtask.input == "answers" && needsParser)
    }

    /// All microtasks that must have an outcome before this one begins.
    public func allNeeds(of microtask: Microtask) -> Set<String> {
        var found: Set<String> = []
        var open = microtask.needs
        while let id = open.popLast() {
            guard found.insert(id).inserted, let need = microtasks.first(where: { $0.id == id }) else { continue }
            open += need.needs
        }
        return found
    }

    /// Why no room would have this graph, whoever wrote it; nil when it is a good one.
    public var problem: String? {
        guard kind == "task-graph", v == 1 else { return "it is no task graph of version 1" }
        guard (1...Self.maximumMicrotasks).contains(microtasks.count) else { return "\(microtasks.count) microtasks" }
        var earlier: Set<String> = []
        for microtask in microtasks {
            if let problem = problem(of: microtask, after: earlier) { return "\(microtask.id): \(problem)" }
            earlier.insert(microtask.id)
        }
        return nil
    }

    private func problem(of microtask: Microtask, after earlier: Set<String>) -> String? {
        guard Self.isIdentifier(microtask.id), !Self.reserved.contains(microtask.id),
            !Self.answerMembers.contains(microtask.id)
        else { return "no good id" }
        guard !earlier.contains(microtask.id) else { return "the id comes twice" }
        guard !Self.reserved.contains(microtask.type), !microtask.type.isEmpty else { return "no good type" }
        guard Set(microtask.needs).count == microtask.needs.count, earlier.isSuperset(of: microtask.needs) else {
            return "it needs something else than earlier microtasks, each once"
        }
        switch microtask.input {
        case "message", "parsed": break
        case "answers" where !microtask.needs.isEmpty: break
        default: return "no input of that kind"
        }
        if let when = microtask.when {
            let needs = allNeeds(of: microtask)
            guard !when.isEmpty,
                when.allSatisfy({
                    needs.contains($0.microtask) && !$0.anyOf.isEmpty && !$0.path.isEmpty
                        && !$0.path.contains(where: \.isEmpty)
                })
            else { return "a condition that cannot be judged" }
        }
        if let review = microtask.review {
            switch (review.always, review.below) {
            case (true, nil): break
            case (nil, .some(let below)) where (1...1_000_000_000).contains(below): break
            default: return "a review that cannot be judged"
            }
        }
        return nil
    }

    /// Ids that name the steps before the microtasks.
    public static let reserved: Set<String> = [TaskStep.parse, TaskStep.features]

    /// Ids that an answer of several microtasks has other members for.
    public static let answerMembers: Set<String> = ["answers", "models", "skipped", "failed"]

    /// Lower-case letters, digits and hyphens, at most 32.
    public static func isIdentifier(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }
}
