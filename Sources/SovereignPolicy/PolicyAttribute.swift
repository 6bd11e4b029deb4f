// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// The closed vocabulary of conditions: what a rule may ask about, and which values exist.
public enum PolicyAttribute: String, CaseIterable, Sendable {
    case modelName = "model.name"
    case modelDeployment = "model.deployment"
    case modelJurisdiction = "model.jurisdiction"
    case modelIsolation = "model.isolation"
    case purpose
    case `class`
    case requesterName = "requester.name"
    case requesterRoles = "requester.roles"
    case task
    case jobHours = "job.hours"
    case jobDay = "job.day"
    case outputCheck = "output.check"
    case outputBytes = "output.bytes"
    case outputCanaries = "output.canaries"
    case review
    case approvals

    /// What values an attribute has.
    public enum Domain: Sendable {
        case oneOf([String])
        /// A name that the policy's section of this name lists.
        case listed(String)
        case country
        case name
        /// `<= N`, `< N`, `> N` or `>= N`.
        case comparison
        /// Hours of a day in a time zone: see `TimeWindow`.
        case hours
        /// Days of a week in a time zone: see `TimeWindow`.
        case days
    }

    // Asked for with each condition of a policy, so they are made once.
    private static let deployments = ["onprem", "private-cloud", "cloud"]
    private static let isolations = ["process", "microvm", "tee"]
    private static let verdicts = ["pass", "fail"]
    private static let reviews = ["airlock", "none"]

    public var domain: Domain {
        switch self {
        case .modelName: .listed("models")
        case .modelDeployment: .oneOf(Self.deployments)
        case .modelJurisdiction: .country
        case .modelIsolation: .oneOf(Self.isolations)
        case .purpose: .name
        case .class: .listed("dataClasses")
        case .requesterName: .listed("requesters")
        case .requesterRoles: .oneOf(PolicyRequester.knownRoles)
        case .task: .listed("tasks")
        case .jobHours: .hours
        case .jobDay: .days
        case .outputCheck, .outputCanaries: .oneOf(Self.verdicts)
        case .outputBytes, .approvals: .comparison
        case .review: .oneOf(Self.reviews)
        }
    }

    /// The attribute of a name, or nil; a policy asks it of each condition, and `init(rawValue:)` compares with one name after the other.
    static func named(_ name: String) -> PolicyAttribute? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// One line for the reference.
    public var meaning: String {
        switch self {
        case .modelName: "name of the model in the policy"
        case .modelDeployment: "where the model runs, as the policy says"
        case .modelJurisdiction: "law under which it runs (ISO 3166-1 alpha-2)"
        case .modelIsolation: "what separates it from the host, as the policy says"
        case .purpose: "purpose of the job, which the labels must allow"
        case .class: "class of the data exactly, not of those above"
        case .requesterName: "name of the requester in the policy"
        case .requesterRoles: "any of the requester's roles in the policy"
        case .task: "name of the task graph in the policy"
        case .jobHours: "time of the decision, by the clock of a zone: [start, end)"
        case .jobDay: "weekday of the decision, by the calendar of a zone"
        case .outputCheck: "verdict of the output's validation; exists at release only"
        case .outputBytes: "size of the answer in bytes; exists at release only"
        case .outputCanaries: "`fail` when a canary of the input is in the answer; exists at release only"
        case .review: "`airlock` when reviewers have approved the answer; exists at release only"
        case .approvals: "how many reviewers have approved the answer; exists at release only"
        }
    }

    /// Whether a request carries it, at release; the others follow from the policy and the rest of the request.
    public var isOfRequest: Bool {
        switch self {
        case .outputCheck, .outputBytes, .outputCanaries, .review, .approvals: true
        default: false
        }
    }

    /// The actions of which a rule can ask about it. For any other the request does not have it, which denies.
    public var actions: [String] {
        switch self {
        case .modelName, .modelDeployment, .modelJurisdiction, .modelIsolation:
            PolicyAction.all.filter { $0 != PolicyAction.learn }
        case .outputCheck, .outputBytes, .outputCanaries, .review, .approvals: [PolicyAction.release]
        case .purpose, .class, .requesterName, .requesterRoles, .task, .jobHours, .jobDay: PolicyAction.all
        }
    }

    /// A mark that a room puts on a request when its clock has stepped back: what depends on the time cannot be evaluated
    /// then. No rule can ask about it, and its only value is `behind`.
    public static let clock = "clock"
    public static let clockBehind = "behind"
}

/// A condition on a number.
struct Comparison: Sendable {
    private let test: @Sendable (Int64, Int64) -> Bool
    let bound: Int64

    init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let bound = Int64(parts[1]), bound >= 0, String(bound) == parts[1] else { return nil }
        switch parts[0] {
        case "<=": test = { $0 <= $1 }
        case "<": test = { $0 < $1 }
        case ">": test = { $0 > $1 }
        case ">=": test = { $0 >= $1 }
        default: return nil
        }
        self.bound = bound
    }

    func holds(for value: Int64) -> Bool { test(value, bound) }

    /// Numbers on both sides of the bound, none below 0.
    var edges: [Int64] { [bound - 1, bound, bound &+ 1].filter { $0 >= 0 } }
}

/// The spellings that names of a policy have.
enum PolicyName {
    /// A letter or digit, then letters, digits, `.`, `_`, `-`; at most 64 in all.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2e || $0 == 0x5f || $0 == 0x2d }
    }

    /// Two capital letters.
    static func isCountry(_ text: String) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy { $0 >= 0x41 && $0 <= 0x5a }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
    }
}

extension PolicyAttribute {
    /// Whether a value of a request has this attribute's form.
    func admits(_ value: AttributeValue) -> Bool {
        switch (domain, value) {
        case (.oneOf(let known), .string(let text)): known.contains(text)
        case (.comparison, .integer(let number)): number >= 0
        default: false
        }
    }
}
