// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// One rule: it says yes or no to actions on classes when its conditions hold.
public struct PolicyRule: Codable, Equatable, Sendable {
    public enum Effect: String, JSONWord, Sendable {
        case permit
        case forbid
    }

    public let id: String
    public let effect: Effect
    public let actions: [String]
    /// A forbid covers these and everything above; a permit exactly these.
    public let classes: [String]
    /// Attribute to values: several values mean any, several attributes mean all.
    public let when: [String: [String]]
    /// The rule does not apply when all of these hold.
    public let unless: [String: [String]]
    public let reason: String?

    enum CodingKeys: String, CodingKey {
        case id
        case effect
        case actions = "action"
        case classes = "class"
        case when
        case unless
        case reason
    }

    public init(
        id: String, effect: Effect, actions: [String], classes: [String], when: [String: [String]] = [:],
        unless: [String: [String]] = [:], reason: String? = nil
    ) {
        self.id = id
        self.effect = effect
        self.actions = actions
        self.classes = classes
        self.when = when
        self.unless = unless
        self.reason = reason
    }

    /// What the language itself puts into decisions; `residency:CLASS` and its like cannot be spelt by a rule anyway.
    static let reservedIDs: Set<String> = [
        "clearance", "validity", "models", "tasks", "requesters", "policy", "action", "class", "at", "model",
        "requester", "task", "purpose", PolicyAttribute.clock,
    ]
}

/// The actions that a policy decides. A permit is needed for each of them.
public enum PolicyAction {
    public static let bid = "bid"
    public static let preview = "preview"
    public static let run = "run"
    public static let keyRelease = "key-release"
    public static let release = "release"
    /// Of no model: what is learned is the room's.
    public static let learn = "learn"
    public static let explore = "explore"

    /// Each with one line for the reference.
    public static let meanings = [
        (bid, "may the model bid, knowing metadata only?"),
        (preview, "may the model see a part of the content before it bids? No room shows any yet"),
        (run, "may the model be started for the data?"),
        (keyRelease, "may the data be decrypted for the model?"),
        (release, "may the answer leave?"),
        (learn, "may the room learn from the outcome? Asked about the data, of no model"),
        (explore, "may the model be tried although another one looks better (`auction.explorationFloor`)?"),
    ]

    public static let all = meanings.map(\.0)
    /// Actions that name a model which then sees the data or its metadata.
    static let needModel: Set<String> = [bid, preview, run, keyRelease, explore]
}
