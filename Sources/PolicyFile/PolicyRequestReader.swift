// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// Reads the request of a test: flat keys as in JSON, a task by its name or digest, `bid` where no action is given.
struct PolicyRequestReader {
    let tasks: [String: PolicyTask]

    func read(_ node: YAMLNode) throws(PolicyFileError) -> PolicyRequest {
        let mapping = try node.mapping()
        var attributes: [String: AttributeValue] = [:]
        for attribute in PolicyAttribute.allCases where attribute.isOfRequest {
            guard let value = mapping.optional(attribute.rawValue) else { continue }
            switch value.content {
            case .string(let text): attributes[attribute.rawValue] = .string(text)
            case .integer(let number): attributes[attribute.rawValue] = .integer(number)
            default: throw value.refusing("type", allowed: "a string or an integer")
            }
        }
        let request = PolicyRequest(
            action: try mapping.optional("action")?.oneOf(PolicyAction.all) ?? PolicyAction.bid,
            at: try mapping.optional("at")?.time(), model: try mapping.optional("model")?.string(),
            class: try mapping.optional("class")?.string(), purpose: try mapping.optional("purpose")?.string(),
            requester: try mapping.optional("requester")?.string(), task: try task(mapping.optional("task")),
            attributes: attributes)
        try mapping.finish()
        return request
    }

    private func task(_ node: YAMLNode?) throws(PolicyFileError) -> Digest? {
        guard let node else { return nil }
        let text = try node.string()
        if let digest = Digest(string: text) ?? tasks[text]?.digest { return digest }
        throw node.refusing("value", found: quoted(text), allowed: NearestName.list(tasks.keys.sorted(), for: text))
    }
}
