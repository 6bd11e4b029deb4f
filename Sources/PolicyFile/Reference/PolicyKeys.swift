// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import SovereignPolicy

/// The keys of a policy file in the order in which people write them. A key that the reader is taught gets its line here, and the
/// reference and the schema follow (`scripts/reference`).
enum PolicyKeys {
    static let all: [PolicyKey] = [
        .required("apiVersion", .constant(SovereignPolicy.apiVersion)),
        .required("kind", .constant(SovereignPolicy.kind)),
        .required("metadata", .mapping(metadata)),
        .required("authority", .mapping(authority)),
        .required(
            "dataClasses", .named("CLASS", .mapping(dataClass)),
            "a class inherits every forbid of those it is above, and no permit"),
        .required("models", .named("MODEL", .mapping(model))),
        .required("rules", .list(of: .mapping(rule), least: 0)),
        .optional("outputs", .named("CLASS", .mapping(output))),
        .optional("budgets", .named("CLASS", .mapping(budget))),
        .required("tasks", .named("TASK", .mapping([.required("digest", .digest, "the task graph")]))),
        .required("requesters", .named("NAME", .mappingWithOne(of: ["uid", "key"], requester))),
        .required("auction", .mapping(auction)),
        .optional("tests", .list(of: .mapping(test), least: 0)),
        .optional(
            "invariants", .list(of: .mapping(invariant), least: 0),
            "what must never be permitted, whatever the rules say"),
        .optional(
            "clockTolerance", .duration,
            "how far the clock may step without consequence, at most `1h`; `5s` when absent"),
        .optional(
            "witnesses", .list(of: .witness, least: 1),
            "whose cosignatures count for `outputs.CLASS.cosignatures`, which is at most their number; every witness's that `room.yaml` names when absent"
        ),
    ]

    private static let metadata: [PolicyKey] = [
        .required("id", .name),
        .required("sequence", .count, "1 for a room's first policy, then exactly one more each time"),
        .optional("previous", .digest, "the policy before; absent with sequence 1, required otherwise"),
        .required("notBefore", .time, "inclusive"),
        .required("expires", .time, "exclusive"),
    ]

    private static let authority: [PolicyKey] = [
        .required("threshold", .count, "how many *distinct* keys must sign"),
        .required(
            "keys",
            .list(
                of: .mapping([
                    .required("id", .name), .required("role", .name, "what `requireRoles` asks for"),
                    .required("key", .publicKey),
                ]), least: 1)),
        .optional("requireRoles", .list(of: .name, least: 0), "each must be among the signers"),
        .optional(
            "emergencyStop",
            .mapping([
                .required("threshold", .count, "so many keys are enough for what it may"),
                .required(
                    "may", .oneOrMany(.words(["halt", "revoke"])),
                    "`revoke`: put a policy in force that only tightens ([below](#envelope)); `halt`: stop the room ([operations](operations.md#halt-and-resume))"
                ),
            ])),
    ]

    private static let dataClass: [PolicyKey] = [
        .optional("above", .oneOrMany(.name), "the classes directly below; no circles"),
        .optional("residency", .oneOrMany(.country), "where a model must be, for this class and all above"),
        .optional("purposes", .oneOrMany(.name), "what this class and all above may be used for"),
        .optional(
            "retention",
            .mapping([
                .optional(
                    "inputs", .duration,
                    "how long the room may keep what it holds of inputs of this class and all above ([below](#what-the-room-keeps))"
                ),
                .optional("outputs", .duration, "and of answers"),
            ])),
    ]

    private static let model: [PolicyKey] = [
        .required("digest", .digest, "the registered bundle"),
        .required("deployment", PolicyAttribute.modelDeployment.value, "where it runs"),
        .required("jurisdiction", .country, "of the law under which it runs"),
        .required("maxClass", .name, "the clearance: the highest class it may see"),
        .required(
            "isolation", .words(["process", "microvm"]),
            "`microvm`: the model runs in a virtual machine ([microvm.md](microvm.md)), or not at all; `tee` is refused until a room can give it"
        ),
        .optional("publisher", .name, "who made it, for `auction.bidsPerPublisher`"),
    ]

    private static let rule: [PolicyKey] = [
        .required("id", .name, "unique"),
        .required("effect", .words(["permit", "forbid"])),
        .required(
            "action", .oneOrMany(.words(PolicyAction.all)), "each action needs its own permit ([actions](#actions))"),
        .required("class", .oneOrMany(.name), "a forbid covers these and all above, a permit exactly these"),
        .optional("when", .conditions([]), "the rule applies when all hold"),
        .optional("unless", .conditions([]), "the rule does not apply when all hold"),
        .optional("reason", .line, "shown with every decision"),
    ]

    private static let output: [PolicyKey] = [
        .required("maxBytes", .count, "the largest answer of this class and all above"),
        .optional(
            "cosignatures", .count,
            "how many witnesses must have signed the log before an answer of this class, or of one above, leaves ([operations.md](operations.md#witnesses))"
        ),
        .optional(
            "schema", .oneOrMany(.digest),
            "SHA-256 of the canonical form (RFC 8785) of the JSON Schemas that a microtask may have: no job with another one is taken"
        ),
        .optional(
            "canaries", .words(OutputLimit.canaryWords),
            "no answer has a canary token of its input ([below](#what-an-answer-discloses))"),
        .optional(
            "review",
            .mapping([
                .required(
                    "reviewers", .count,
                    "an answer waits in the airlock until so many reviewers have approved it ([below](#what-waits-for-a-person))"
                ),
                .optional("notRequester", .isTrue, "always true: who asked never reviews the answer"),
            ])),
        .optional("minCell", .count, "what a cell of a table in an answer counts: 0, or at least this"),
        .optional("maxVerbatim", .count, "the longest run of letters and digits that an answer shares with its input"),
    ]

    private static let budget: [PolicyKey] = [
        .optional(
            "perJob",
            .mapping([
                .optional("cost", .money, "the smallest of the class and all below binds"),
                .optional("wall", .duration, "the smallest of the class and all below binds"),
            ])),
        .optional("perDay", .mapping([.optional("cost", .money, "one currency in the whole policy")])),
    ]

    private static let requester: [PolicyKey] = [
        .required("recipient", .recipient, "answers are sealed to it"),
        .optional(
            "uid", .integer(least: 0, most: 4_294_967_294),
            "user id of the calling process; exactly one of `uid` and `key`: how a caller shows who it is"),
        .optional("key", .publicKey, "public key of the caller"),
        .required("roles", .oneOrMany(.words(PolicyRequester.knownRoles))),
    ]

    private static let auction: [PolicyKey] = [
        .required(
            "weights",
            .mapping([
                .required("quality", .decimal(most: 1_000), "what a right answer is worth ([auction.md](auction.md))"),
                .required("price", .decimal(most: 1_000), "what a cent is worth"),
                .required("latency", .decimal(most: 1_000), "what a second is worth"),
                .optional("risk", .decimal(most: 1_000), "what a wrong answer costs on top"),
            ])),
        .required(
            "explorationFloor", .decimal(most: 1),
            "0 means never; it counts in an auction whose every bidder has a permit to `explore`"),
        .optional("minBids", .integer(least: 1, most: 1_000), "1 when absent"),
        .optional(
            "bidsPerPublisher", .integer(least: 1, most: 1_000),
            "how many models of one `publisher` may bid in an auction; which of them is drawn anew each time"),
        .optional(
            "trials", .integer(least: 1, most: 10_000),
            "where a room has learned, a model with fewer verified outcomes on a type does tasks beside the winner before it may win ([auction.md](auction.md#newcomers)); it needs a permit to `explore`"
        ),
    ]

    private static let test: [PolicyKey] = [
        .required("name", .line),
        .required("given", .mapping(request), "a request ([below](#tests-and-invariants))"),
        .required("expect", .words(["permit", "deny"])),
        .optional("kind", .words(["permitted", "forbidden", "not-permitted", "error"]), "of the decision"),
        .optional("by", .oneOrMany(.text), "what must be among the determining rules"),
    ]

    private static let request: [PolicyKey] =
        [
            .optional("action", .words(PolicyAction.all), "`bid` when absent"),
            .optional("at", .time, "the time of the decision; without it every request is denied"),
            .optional("model", .name), .optional("class", .name, "the top class when absent"),
            .optional("purpose", .name), .optional("requester", .name), .optional("task", .nameOrDigest),
        ]
        + PolicyAttribute.allCases.filter(\.isOfRequest).map {
            .optional($0.rawValue, $0.requestValue, $0.meaning)
        }

    private static let invariant: [PolicyKey] = [
        .required("name", .line),
        .required(
            "never",
            .conditions([.optional(PolicyInvariant.action, .oneOrMany(.words(PolicyAction.all)), "all when absent")]),
            "no request with all of these is ever permitted; a class covers all above it"),
    ]
}
