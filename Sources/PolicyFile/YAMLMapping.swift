// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A mapping whose keys are taken one by one; `finish` refuses what nobody asked for.
///
/// ```swift
/// let job = try node.mapping()
/// let task = try job.required("task").string()
/// let budget = job.optional("budget")
/// try job.finish()
/// ```
public final class YAMLMapping {
    /// Where the mapping begins.
    public let place: YAMLPlace
    /// All entries in the order of the file, for mappings whose keys are names.
    public let entries: [YAMLEntry]
    private var asked: Set<String> = []

    init(_ entries: [YAMLEntry], at place: YAMLPlace) {
        self.entries = entries
        self.place = place
    }

    /// The value of a key that must be there.
    public func required(_ key: String) throws(PolicyFileError) -> YAMLNode {
        if let node = optional(key) { return node }
        // A misspelt key is the usual reason for a missing one; the place of the misspelling helps more.
        if let near = entries.first(where: { !asked.contains($0.key) && NearestName.isNear($0.key, key) }) {
            throw near.keyPlace.refusing(
                "unknown-key", found: "the key \(quoted(near.key))", allowed: "\(key) (required here)")
        }
        throw place.refusing("missing-key", found: "a mapping without \(key)", allowed: "a mapping with \(key)")
    }

    /// The value of a key that may be absent.
    public func optional(_ key: String) -> YAMLNode? {
        asked.insert(key)
        return entries.first { $0.key == key }?.value
    }

    /// Refuses the first key that was never asked for, with the nearest name that is.
    ///
    /// - Parameter elsewhere: names that the language has but this version does not read yet; the error says so.
    public func finish(notYet elsewhere: [String] = []) throws(PolicyFileError) {
        guard let extra = entries.first(where: { !asked.contains($0.key) }) else { return }
        if elsewhere.contains(extra.key) {
            throw extra.keyPlace.refusing(
                "unknown-key", found: "the key \(quoted(extra.key)), which this version does not enforce",
                allowed: asked.sorted().joined(separator: ", "),
                remedy: "remove it: what is not enforced must not be promised")
        }
        throw extra.keyPlace.refusing(
            "unknown-key", found: "the key \(quoted(extra.key))",
            allowed: NearestName.list(asked.sorted(), for: extra.key))
    }
}
