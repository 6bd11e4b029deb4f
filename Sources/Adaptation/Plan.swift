// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What a model is given beside the input, and why. It names what was chosen and tells nothing of it: the record may be
/// shown to anyone who may see the log.
public struct Plan: Codable, Equatable, Sendable {
    /// Why something was chosen; a closed list, so that no reason can carry content.
    public enum Reason: String, Codable, Sendable, CaseIterable {
        /// The demonstrations are the entries most like this message.
        case nearestDemonstrations = "nearest-demonstrations"
        /// The demonstrations are the newest entries, because no likeness could be computed.
        case newestDemonstrations = "newest-demonstrations"
        /// Nothing is remembered in this scope for this type.
        case nothingRemembered = "nothing-remembered"
        /// The model takes demonstrations by `feedback`, all that is remembered of the type.
        case memoryOfProcess = "memory-of-process"
        case defaultTemplate = "default-template"
        /// The template that expects demonstrations.
        case templateForExamples = "template-for-examples"
        case defaultParameters = "default-parameters"
        /// An earlier attempt on this message was lost: the next value of each parameter.
        case laterAttempt = "later-attempt"
    }

    public let kind: String
    public let v: Int64
    /// Name of the model that won.
    public let model: String
    public let template: String?
    /// Digests of the sealed memory entries, the most like first.
    public let demonstrations: [Digest]
    public let parameters: JSONValue?
    /// The memory from which they were chosen: the digest of the names, newest first, each as 32 bytes.
    public let memory: Digest
    public let reasons: [Reason]

    init(
        model: String, template: String?, demonstrations: [Digest], parameters: JSONValue?, memory: Digest,
        reasons: [Reason]
    ) {
        kind = "plan"
        v = 1
        self.model = model
        self.template = template
        self.demonstrations = demonstrations
        self.parameters = parameters
        self.memory = memory
        self.reasons = reasons
    }
}
