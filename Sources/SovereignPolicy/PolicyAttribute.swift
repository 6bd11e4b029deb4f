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
    case requesterRoles = "requester.roles"
    case task
    case outputCheck = "output.check"
    case outputBytes = "output.bytes"

    /// What values an attribute has.
    public enum Domain: Sendable {
        case oneOf([String])
        /// A name that the policy's section of this name lists.
        case listed(String)
        case country
        case name
        /// `<= N` or `> N`.
        case comparison
    }

    public var domain: Domain {
        switch self {
        case .modelName: .listed("models")
        case .modelDeployment: .oneOf(["onprem", "private-cloud", "cloud"])
        case .modelJurisdiction: .country
        case .modelIsolation: .oneOf(["process", "microvm", "tee"])
        case .purpose: .name
        case .class: .listed("dataClasses")
        case .requesterRoles: .oneOf(PolicyRequester.knownRoles)
        case .task: .listed("tasks")
        case .outputCheck: .oneOf(["pass", "fail"])
        case .outputBytes: .comparison
        }
    }

    /// One line for the reference.
    public var meaning: String {
        switch self {
        case .modelName: "name of the model in the policy"
        case .modelDeployment: "where the model runs, as the policy says"
        case .modelJurisdiction: "law under which it runs (ISO 3166-1 alpha-2)"
        case .modelIsolation: "what separates it from the host, as the policy says"
        case .purpose: "purpose of the job, which the labels must allow"
        case .class: "class of the data exactly, not of those above"
        case .requesterRoles: "any of the requester's roles in the policy"
        case .task: "name of the task graph in the policy"
        case .outputCheck: "verdict of the output's validation; exists at release only"
        case .outputBytes: "size of the answer in bytes; exists at release only"
        }
    }

    /// Whether a request carries it; the others follow from the policy.
    var isOfRequest: Bool { self == .outputCheck || self == .outputBytes }

    /// Attributes of the language that this version does not evaluate: naming one is a load error that says so.
    public static let notYet = [
        "job.hours", "job.day", "review", "approvals", "output.canaries", "requester.name", "model.tier",
    ]
}

/// A condition on a number.
struct Comparison: Sendable {
    private let atMost: Bool
    let bound: Int64

    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let bound = Int64(parts[1]), bound >= 0, String(bound) == parts[1] else { return nil }
        switch parts[0] {
        case "<=": atMost = true
        case ">": atMost = false
        default: return nil
        }
        self.bound = bound
    }

    func holds(for value: Int64) -> Bool { atMost ? value <= bound : value > bound }
}

/// The spellings that names of a policy have.
enum PolicyName {
    /// A letter or digit, then letters, digits, `.`, `_`, `-`; at most 64 in all.
    static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 64, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || $0 == 0x2e || $0 == 0x5f || $0 == 0x2d }
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
