// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import Disclosure
internal import Sealing
internal import SovereignPolicy

/// What an answer discloses of its input. Judged here, where the plaintext of both is; only the finding's code goes on.
extension InputRunner {
    /// What the policy's `outputs` do not allow an answer to disclose, or nil.
    func disclosure(in answer: JSONValue, by policy: SovereignPolicy) throws -> DisclosureCheck.Finding? {
        let bounds = policy.outputBounds(of: run.label.class)
        let check = DisclosureCheck(
            deniesCanaries: bounds.deniesCanaries, minCell: bounds.minCell, maxVerbatim: bounds.maxVerbatim)
        return try check.finding(
            in: answer, canaries: check.deniesCanaries ? canaries() : Canaries(), sources: { try texts() })
    }

    /// Whether a canary token of the input comes up in an answer, whatever the policy makes of that.
    func hasCanary(_ answer: JSONValue) throws -> Bool { try !canaries().found(in: answer).isEmpty }

    /// The canary tokens of the message and of what the parser made of it.
    func canaries() throws -> Canaries {
        if let known = state.locked({ $0.canaries }) { return known }
        // A microtask that does not wait for the parser may be judged before there is a parsed message.
        let isWhole = state.locked { $0.parsed != nil } || !run.request.graph.needsParser
        var canaries = Canaries()
        var texts = try texts()
        for index in texts.indices {
            canaries.learn(from: texts[index])
            texts[index].wipe()
        }
        if isWhole { state.locked { $0.canaries = canaries } }
        return canaries
    }

    /// The input as text: the message as it came, and the strings of what the parser made of it. The caller wipes them.
    func texts() throws -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for document in [message, state.locked { $0.parsed }].compactMap(\.self) {
            let secret = try document.memory.contents()
            // SAFETY: the bytes are copied while they are lent.
            var bytes = unsafe secret.withBytes { unsafe Array($0) }
            // What is JSON is read without its escapes too.
            if bytes.first == 0x7b || bytes.first == 0x5b, let value = try? JSONValue.parse(bytes) {
                texts.append(AnswerText.values(of: value))
            }
            texts.append(bytes)
            bytes.wipe()
        }
        return texts
    }
}
