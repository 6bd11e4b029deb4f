// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import PolicyFile
import Sealing
import SovereignPolicy
import Testing

/// One edit of a sound file, the place of its error and what the message must say.
struct PolicyMistake: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let replacement: String
    let code: String
    /// What stands where the error points, in the edited file.
    let at: String
    let says: String

    init(_ name: String, _ text: String, _ replacement: String, _ code: String, at: String, says: String) {
        self.name = name
        self.text = text
        self.replacement = replacement
        self.code = code
        self.at = at
        self.says = says
    }

    var testDescription: String { name }

    static let all: [PolicyMistake] = [
        .init("a misspelt key", "  threshold: 2", "  treshold: 2", "unknown-key", at: "treshold:", says: "threshold"),
        .init("an unknown key", "auction:\n", "extra: 1\nauction:\n", "unknown-key", at: "extra:", says: "authority"),
        .init(
            "witnesses, of whom there are none", "auction:\n", "witnesses: []\nauction:\n", "value", at: "[]\nauction",
            says: "at least one witness"),
        .init(
            "a witness without its key", "auction:\n", "witnesses: [w1]\nauction:\n", "value", at: "w1]",
            says: "atomic witness init"),
        .init(
            "a log's key for a witness's", "auction:\n",
            "witnesses: [\"example.com/foo+530f903b+ARpTEizyiP1r6KGXU+pQ2ZA5X1XF1NK6YCLnfMDIUZ5d\"]\nauction:\n",
            "value",
            at: "\"example.com", says: "atomic witness init"),
        .init(
            "an invariant about an unknown attribute", "auction:\n",
            "invariants: [{name: x, never: {class: pii, colour: red}}]\nauction:\n", "value", at: "colour",
            says: "approvals"),
        .init(
            "an invariant without a condition", "auction:\n", "invariants: [{name: x, never: {}}]\nauction:\n", "value",
            at: "{}", says: "at least one condition"),
        .init(
            "a tolerance of the clock that tolerates all", "auction:\n", "clockTolerance: 2h\nauction:\n", "value",
            at: "2h",
            says: "1h"),
        .init(
            "retention of nothing", "internal: {above: [public]}", "internal: {above: [public], retention: {}}",
            "value", at: "{}}", says: "inputs, outputs, or both"),
        .init(
            "retention without an end", "internal: {above: [public]}",
            "internal: {above: [public], retention: {inputs: forever}}", "value", at: "forever", says: "a duration"),
        .init(
            "retention of what the room does not keep", "internal: {above: [public]}",
            "internal: {above: [public], retention: {input: 1d}}", "unknown-key", at: "input: 1d", says: "inputs"),
        .init(
            "a review by more than there are", "  pii: {maxBytes: 16384}",
            "  pii: {maxBytes: 16384, review: {reviewers: 3}}", "value", at: "3}}", says: "role reviewer"),
        .init(
            "a review by the requester", "  pii: {maxBytes: 16384}",
            "  pii: {maxBytes: 16384, review: {reviewers: 1, notRequester: false}}", "value", at: "false}}",
            says: "never reviews"),
        .init(
            "a schema by name, which nobody signed", "  pii: {maxBytes: 16384}",
            "  pii: {maxBytes: 16384, schema: a.json}",
            "value", at: "a.json", says: "sha256:"),
        .init(
            "canaries that are not denied", "  pii: {maxBytes: 16384}", "  pii: {maxBytes: 16384, canaries: allow}",
            "value", at: "allow", says: "deny"),
        .init(
            "a smallest cell of nobody", "  pii: {maxBytes: 16384}", "  pii: {maxBytes: 16384, minCell: 0}",
            "value", at: "0}", says: "1 or more"),
        .init(
            "a run of no length", "  pii: {maxBytes: 16384}", "  pii: {maxBytes: 16384, maxVerbatim: 0}",
            "value", at: "0}", says: "1 or more"),
        .init("a key again", "  minBids: 1", "  minBids: 1\nkind: x", "duplicate-key", at: "kind: Sov", says: "kind"),
        .init(
            "another version", "atomic/sovereign/v1", "atomic/sovereign/v2", "value", at: "atomic/sovereign/v2",
            says: "atomic/sovereign/v1"),
        .init(
            "an unknown attribute", "{model.deployment: [cloud", "{model.deploymnt: [cloud", "value",
            at: "model.deploymnt", says: "did you mean model.deployment?"),
        .init(
            "hours that are no window", "{purpose: customer-support, output.check",
            "{job.hours: \"22:00-06:00 Europe/Berlin\", output.check", "value", at: "\"22:00",
            says: "the start before the end"),
        .init(
            "a zone that does not exist", "{purpose: customer-support, output.check",
            "{job.hours: \"06:00-22:00 Europe/Berlln\", output.check", "value", at: "\"06:00", says: "Europe/Berlin"),
        .init(
            "a zone that is a directory", "{purpose: customer-support, output.check",
            "{job.day: \"mon Europe\", output.check", "value", at: "\"mon", says: "time zone"),
        .init(
            "days that are no window", "{purpose: customer-support, output.check", "{job.day: fri-mon, output.check",
            "value",
            at: "fri-mon", says: "mon to sun"),
        .init(
            "an unknown value", "[cloud, private-cloud]", "[cluod, private-cloud]", "value", at: "cluod",
            says: "did you mean cloud?"),
        .init(
            "an unknown class in a rule", "class: [internal, pii]\n    when: {purpose: customer-support}",
            "class: [internal, piii]\n    when: {purpose: customer-support}", "value", at: "piii]",
            says: "did you mean pii?"),
        .init(
            "an unknown class below another", "internal: {above: [public]}", "internal: {above: [pubic]}", "value",
            at: "pubic]", says: "did you mean public?"),
        .init(
            "a circle of classes", "public: {}", "public: {above: [phi]}", "value", at: "{above: [public]}",
            says: "an order without circles"),
        .init(
            "an unknown clearance", "    maxClass: pii\n    isolation: process\n  naive",
            "    maxClass: pij\n    isolation: process\n  naive",
            "value", at: "pij", says: "did you mean pii?"),
        .init(
            "an unknown action", "action: release\n    class: internal", "action: relase\n    class: internal", "value",
            at: "relase", says: "did you mean release?"),
        .init(
            "an action that does not exist", "action: release", "action: releese", "value", at: "releese",
            says: "did you mean release?"),
        .init(
            "an unknown effect", "effect: forbid\n    action: release", "effect: deny\n    action: release", "value",
            at: "deny", says: "permit, forbid"),
        .init(
            "the same rule twice", "id: F2", "id: F1", "value", at: "F1\n    effect: forbid\n    action: release",
            says: "again"),
        .init(
            "a rule with a name of the language", "id: F2", "id: clearance", "value", at: "clearance",
            says: "does not use"),
        .init("a short digest", "sha256:1111", "sha256:111", "value", at: "\"sha256:111", says: "64 lower-case"),
        .init("a foreign key", "ed25519:", "ed448:", "value", at: "\"ed448:", says: "not a public key"),
        .init("a threshold above the keys", "threshold: 2", "threshold: 4", "value", at: "4", says: "1 to 3"),
        .init("a threshold of zero", "threshold: 2", "threshold: 0", "value", at: "0", says: "1 to 3"),
        .init(
            "a required role that nobody has", "requireRoles: [data-owner]", "requireRoles: [data-ower]", "value",
            at: "data-ower", says: "did you mean data-owner?"),
        .init(
            "an inverted validity", "expires: \"2027", "expires: \"2025", "value", at: "\"2025", says: "after notBefore"
        ),
        .init(
            "a time without a zone", "00:00:00Z\"\n  expires", "00:00:00\"\n  expires", "value", at: "\"2026",
            says: "a time in UTC"),
        .init(
            "a second policy without a predecessor", "sequence: 1", "sequence: 2", "value", at: "2", says: "previous"),
        .init("Norway unquoted", "residency: [DE]", "residency: [NO]", "ambiguous", at: "NO]", says: "in quotes"),
        .init("a country by name", "residency: [DE]", "residency: [Germany]", "value", at: "Germany", says: "ISO 3166"),
        .init("an amount without a currency", "\"5 EUR\"", "\"5\"", "value", at: "\"5\"", says: "0.40 EUR"),
        .init(
            "two currencies", "cost: \"50 EUR\"", "cost: \"50 CHF\"", "value", at: "\"50 CHF\"", says: "one currency"),
        .init("a duration without a unit", "wall: 30m", "wall: \"30\"", "value", at: "\"30\"", says: "30s"),
        .init("uid and key", "    uid: 1004", "    uid: 1004\n    key: \"ed25519:", "value", at: "", says: ""),
        .init(
            "neither uid nor key", "    uid: 1004\n", "", "value", at: "recipient:", says: "exactly one of uid and key"),
        .init(
            "an unknown role", "roles: [requester]", "roles: [requestor]", "value", at: "requestor",
            says: "did you mean requester?"),
        .init("a damaged recipient", "age1ql3z7", "age1ql3z8", "value", at: "\"age1ql3z8", says: "age1…"),
        .init(
            "an exploration above one", "explorationFloor: 0.1", "explorationFloor: 1.5", "value", at: "1.5",
            says: "0 to 1"),
        .init("a weight as a string", "quality: 0.6", "quality: \"0.6\"", "type", at: "\"0.6\"", says: "decimal"),
        .init(
            "more bids of a publisher than there can be", "minBids: 1", "minBids: 1\n  bidsPerPublisher: 1001", "value",
            at: "1001",
            says: "1 to 1000"),
        .init(
            "trials without end", "minBids: 1", "minBids: 1\n  trials: 10001", "value", at: "10001", says: "1 to 10000"),
        .init("a decimal where none is", "minBids: 1", "minBids: 1.5", "type", at: "1.5", says: "an integer"),
        .init(
            "an empty condition", "unless: {output.check: pass}", "unless: {}", "value", at: "{}\n    reason",
            says: "at least one condition"),
        .init(
            "an empty list of classes", "class: [internal, pii]\n    when: {purpose: customer-support}",
            "class: []\n    when: {purpose: customer-support}", "value", at: "[]", says: "at least one item"),
        .init(
            "a test of an unknown task", "output.check: fail, output.bytes: 40", "task: email", "duplicate-key",
            at: "task:", says: "task"),
        .init(
            "a budget of an unknown class", "  pii: {perJob", "  pil: {perJob", "value", at: "pil:",
            says: "did you mean pii?"),
    ].filter { !$0.at.isEmpty }
}

@Suite struct PolicyFileTests {
    let root: String
    let demo: String

    init() throws {
        root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let fixture = try #require(PolicyFixture.shared)
        var text = String(decoding: try Files.read("\(root)/Policies/demo.yaml", limit: 1 << 20), as: UTF8.self)
        let digest = "sha256:" + String(repeating: "1", count: 64)
        var values = [
            "NOT_BEFORE": "2026-11-01T00:00:00Z", "EXPIRES": "2027-05-01T00:00:00Z",
            "DATA_OWNER_KEY": fixture.officer.publicKey.description,
            "SECURITY_KEY": fixture.security.publicKey.description,
            "MEDICAL_KEY": fixture.director.publicKey.description, "BOGOFILTER_DIGEST": digest,
            "REQUESTER_RECIPIENT": PolicyFixture.recipient, "REQUESTER_UID": "1004",
        ]
        // Every model and the task graph have a digest of their own.
        for name in text.matches(of: /\$\{([A-Z0-9_]+_DIGEST)\}/).map({ String($0.output.1) })
        where values[name] == nil { values[name] = Digest.sha256(Array(name.utf8)).description }
        for (name, value) in values {
            text = text.split(separator: "${\(name)}", omittingEmptySubsequences: false).joined(separator: value)
        }
        // The comment at the top speaks of placeholders; nothing else may be left.
        #expect(text.split(separator: "${").count == 2)
        demo = text
    }

    @Test func theDemoPolicyIsSoundAndPassesItsTests() throws {
        let document = try PolicyFile.document(Array(demo.utf8), file: "demo.yaml")
        #expect(document.problems.isEmpty && document.remarks.warnings.isEmpty && document.failedTests.isEmpty)
        let policy = try PolicyFile.read(Array(demo.utf8), file: "demo.yaml")
        #expect(policy.tests.count == 9 && policy.rules.count == 5 && policy.currency == "EUR")
        #expect(policy.budget(of: "pii").cost?.micro == 5_000_000)
        #expect(policy.budget(of: "pii").wall?.value == 1_800_000_000_000)
        #expect(policy.budget(of: "pii").costPerDay?.micro == 50_000_000)
        #expect(policy.auction.weights == .init(quality: 600_000_000, price: 100_000_000, latency: 10_000_000))
        #expect(policy.auction.explorationFloor == 100_000_000)
        #expect(policy.authority.emergencyStop?.may == ["halt", "revoke"])
        #expect(policy.requesters["desk-4"]?.isCaller(uid: 1004) == true)
        #expect(policy.requesters["desk-4"]?.isCaller(uid: 0) == false)
        #expect(policy.taskName(Digest.sha256(Array("EMAIL_TRIAGE_DIGEST".utf8))) == "email-triage")
    }

    @Test func theSignedFormReadsBackTheSame() throws {
        let policy = try PolicyFile.read(Array(demo.utf8), file: "demo.yaml")
        let bytes = try policy.canonicalBytes
        #expect(try CanonicalJSON.decode(SovereignPolicy.self, from: bytes) == policy)
        #expect(try Digest.sha256(bytes) == policy.digest)
    }

    @Test(arguments: PolicyMistake.all)
    func aMistakeIsShownWhereItIs(_ mistake: PolicyMistake) throws {
        let parts = demo.split(separator: mistake.text, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "the demo policy has no \(mistake.text)")
        let text = parts[0] + mistake.replacement + parts[1]
        do {
            _ = try PolicyFile.read(Array(text.utf8), file: "p.yaml")
            Issue.record("the mistake passed")
        } catch {
            #expect(error.codeName == mistake.code, "\(error)")
            #expect(error.message.contains(mistake.says), "\(error)")
            let numbers = error.message.split(separator: ":")
            let line = try #require(Int(numbers[1]))
            let column = try #require(Int(numbers[2]))
            let rest = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(line - 1)
                .joined(separator: "\n").dropFirst(column - 1)
            #expect(rest.hasPrefix(mistake.at), "\(error.message) points to \(rest.prefix(30))")
        }
    }

    @Test func lintSeesEveryProblemAtOnce() throws {
        var text = demo
        for (from, to) in [("threshold: 2", "threshold: 9"), ("[cloud, private-cloud]", "[cloud, moon]")] {
            text = text.split(separator: from, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: to)
        }
        #expect(try PolicyFile.document(Array(text.utf8), file: "p.yaml").problems.count == 2)
    }

    @Test func aFailingTestOfTheFileIsShownWhereItIs() throws {
        let text = demo.split(separator: "expect: permit\n    by: [P2]", omittingEmptySubsequences: false)
            .joined(separator: "expect: deny\n    by: [P2]")
        let failures = try PolicyFile.document(Array(text.utf8), file: "p.yaml").failedTests
        #expect(failures.count == 1)
        #expect(failures.first?.message.contains("test \"a valid answer leaves\" expects deny by P2") == true)
        #expect(failures.first?.exit == .failed)
    }

    @Test func warningsAreGivenForWhatIsProbablyNotMeant() throws {
        var text = demo
        for (from, to) in [
            ("  phi: {above: [pii]", "  side: {above: [internal]}\n  phi: {above: [pii]"),
            (
                "action: [bid, run, key-release]\n    class: pii\n    when: {model",
                "action: [bid, run, key-release]\n    class: pii\n    when: {output.check: fail, model"
            ),
        ] { text = text.split(separator: from, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: to) }
        let document = try PolicyFile.document(Array(text.utf8), file: "p.yaml")
        #expect(document.problems.isEmpty)
        let messages = document.remarks.warnings.map(\.message)
        #expect(messages.contains { $0.contains("no single class above both phi and side") })
        #expect(messages.contains { $0.contains("where there is no output yet") })
    }

    @Test func damagedFilesAreReadOrRefusedButNeverCrash() throws {
        var dice = Dice(seed: 11)
        let bytes = Array(demo.utf8)
        let pieces = [
            "&a ", "*a", "!!int ", "<<: ", "{", "[", "]", "}", ": ", "- ", "\n", "'", "\"", "|\n", "? ", "\u{202e}",
            "\t", "#", "%",
        ]
        var refused = 0
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let place = Int.random(in: 0..<damaged.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: damaged[place] = UInt8.random(in: 0...255, using: &dice)
                case 1: damaged.removeSubrange(place..<min(place + 20, damaged.count))
                case 2: damaged.insert(contentsOf: Array(dice.one(of: pieces).utf8), at: place)
                default: damaged.insert(contentsOf: damaged[place..<min(place + 60, damaged.count)], at: place)
                }
            }
            do throws(PolicyFileError) {
                let policy = try PolicyFile.read(damaged, file: "d.yaml")
                #expect(policy.problems.isEmpty)
            } catch {
                refused += 1
                #expect(error.message.hasPrefix("d.yaml:"))
            }
        }
        #expect(refused > 200)
    }
}
