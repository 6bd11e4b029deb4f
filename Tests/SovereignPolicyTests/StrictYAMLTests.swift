// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import PolicyFile
import Testing

/// One attack or trap: the text, the code that refuses it and where.
struct YAMLTrap: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let code: String
    let place: String

    init(_ name: String, _ text: String, _ code: String, _ place: String) {
        self.name = name
        self.text = text
        self.code = code
        self.place = place
    }

    var testDescription: String { name }

    static let all: [YAMLTrap] = [
        .init("Norway", "residency: [DE, NO]\n", "ambiguous", "1:17"),
        .init("yes as a value", "a: yes", "ambiguous", "1:4"),
        .init("on as a key", "on: 1", "ambiguous", "1:1"),
        .init("True in another case", "a: True", "ambiguous", "1:4"),
        .init("null word", "a: null", "null", "1:4"),
        .init("tilde", "a: ~", "null", "1:4"),
        .init("no value", "a:\nb: 1", "null", "1:3"),
        .init("octal", "mode: 0755", "ambiguous", "1:7"),
        .init("hexadecimal", "mode: 0x1F", "ambiguous", "1:7"),
        .init("underscore", "q: 1_000", "ambiguous", "1:4"),
        .init("sexagesimal", "t: 12:30:45", "ambiguous", "1:4"),
        .init("exponent", "q: 1e3", "ambiguous", "1:4"),
        .init("infinity", "q: .inf", "ambiguous", "1:4"),
        .init("plus sign", "q: +1", "ambiguous", "1:4"),
        .init("minus zero", "q: -0", "ambiguous", "1:4"),
        .init("65 bits", "q: 9223372036854775808", "range", "1:4"),
        .init("anchor", "a: &x 1\nb: 2", "anchor", "1:4"),
        .init("anchor on a mapping", "a: &x\n  b: 1", "anchor", "1:4"),
        .init("anchor on a key", "&x a: 1", "anchor", "1:1"),
        .init("anchor on the document", "&x\na: 1", "anchor", "1:1"),
        .init("alias", "a: &x 1\nb: *x", "anchor", "1:4"),
        .init("alias without an anchor", "b: *x", "anchor", "1:4"),
        .init("alias as a key", "a: 1\n*x : 2", "anchor", "2:1"),
        .init("tag", "a: !!str 1", "tag", "1:4"),
        .init("non-specific tag", "a: ! 1", "tag", "1:4"),
        .init("tag on a key", "!!str a: 1", "tag", "1:1"),
        .init("local tag on a sequence", "a: !x [1]", "tag", "1:4"),
        .init("merge key", "<<: {a: 1}", "merge-key", "1:1"),
        .init("quoted merge key", "\"<<\": {a: 1}", "merge-key", "1:1"),
        .init("directive", "%YAML 1.1\n---\na: 1", "directive", "1:1"),
        .init("tag directive", "%TAG ! tag:x,2000:\n---\na: 1", "directive", "1:1"),
        .init("two documents", "a: 1\n---\na: 2\n", "several-documents", "2:1"),
        .init("second document after an end", "a: 1\n...\nb: 2\n", "syntax", "3:1"),
        .init("duplicate key", "a: 1\nb: 2\na: 3", "duplicate-key", "1:1"),
        .init("duplicate key in another spelling", "1: a\n\"1\": b", "duplicate-key", "1:1"),
        .init("duplicate key by canonical equivalence", "\"\u{e9}\": 1\n\"e\u{301}\": 2", "duplicate-key", "1:1"),
        .init("key that is a sequence", "? [a]\n: 1", "key", "1:3"),
        .init("key that is true", "true: 1", "key", "1:1"),
        .init("empty key", "\"\": 1", "key", "1:1"),
        .init("no document", "# only a comment\n", "empty", "1:1"),
        .init("empty file", "", "empty", "1:1"),
        .init("right-to-left override", "a: \u{202e}b", "character", "1:4"),
        .init("right-to-left override in a comment", "a: b # \u{2067}c", "character", "1:8"),
        .init("right-to-left override as an escape", "a: \"x\\u202ey\"", "character", "1:4"),
        .init("zero-width space in a key", "a\u{200b}: 1", "character", "1:2"),
        .init("byte order mark", "\u{feff}a: 1", "character", "1:1"),
        .init("NUL", "a: b\0c", "character", "1:5"),
        .init("NUL as an escape", "a: \"b\\0c\"", "character", "1:4"),
        .init("terminal escape", "a: \u{1b}[2J", "character", "1:4"),
        .init("next line", "a: 1\u{85}b: 2", "character", "1:5"),
        .init("line separator", "a: 1\u{2028}b: 2", "character", "1:5"),
        .init("lone carriage return", "a: 1\rb: 2", "character", "1:5"),
        .init("tab as indentation", "a:\n\tb: 1", "syntax", "2:1"),
        .init("unclosed bracket", "a: [1, 2\nb: 3\n", "syntax", "2:2"),
        .init("unclosed quote", "a: \"b\n", "syntax", "2:1"),
        .init("33 levels", String(repeating: "[", count: 33) + String(repeating: "]", count: 33), "depth", "1:33"),
        .init("a thousand levels", String(repeating: "[", count: 5_000), "depth", "1:1"),
        .init("a thousand dashes", String(repeating: "- ", count: 5_000) + "a", "depth", "1:1999"),
        .init("too large", String(repeating: "#", count: 1_048_577), "too-large", "1:1"),
    ]
}

@Suite struct StrictYAMLTests {
    func read(_ text: String) throws(PolicyFileError) -> YAMLNode {
        try YAMLNode.read(Array(text.utf8), file: "t.yaml")
    }

    @Test(arguments: YAMLTrap.all)
    func refusesATrapWhereItStands(_ trap: YAMLTrap) {
        do {
            let node = try read(trap.text)
            Issue.record("\(trap.name) was read as \(node)")
        } catch {
            #expect(error.codeName == trap.code, "\(error)")
            #expect(error.message.hasPrefix("t.yaml:\(trap.place): found "), "\(error.message)")
            #expect(error.message.contains("; allowed "))
            #expect(!error.remedy.isEmpty && error.exit == .usage)
        }
    }

    @Test func readsWhatIsNotATrap() throws {
        let text = """
            ---
            text: "NO"
            single: 'yes'
            plain: pii
            glob: "inbox/*.eml"
            star: a * b & c ! d
            time: 2026-11-01T00:00:00Z
            digest: sha256:0123
            version: 1.2.3
            zero: 0
            negative: -7
            yes-no: [true, false]
            exit: {0: {spam: true}, 1: {spam: false}}
            folded: >-
              two
              words
            empty: ""
            crlf: x\r
            ...
            """
        let mapping = try read(text).mapping()
        #expect(try mapping.required("text").string() == "NO")
        #expect(try mapping.required("single").string() == "yes")
        #expect(try mapping.required("plain").string() == "pii")
        #expect(try mapping.required("glob").string() == "inbox/*.eml")
        #expect(try mapping.required("star").string() == "a * b & c ! d")
        #expect(try mapping.required("time").string() == "2026-11-01T00:00:00Z")
        #expect(try mapping.required("digest").string() == "sha256:0123")
        #expect(try mapping.required("version").string() == "1.2.3")
        #expect(try mapping.required("zero").integer() == 0)
        #expect(try mapping.required("negative").integer() == -7)
        #expect(try mapping.required("yes-no").sequence().map { try $0.boolean() } == [true, false])
        let exit: JSONValue = .object(["0": .object(["spam": .bool(true)]), "1": .object(["spam": .bool(false)])])
        #expect(try mapping.required("exit").json == exit)
        #expect(try mapping.required("folded").string() == "two words")
        #expect(try mapping.required("empty").string() == "")
        #expect(try mapping.required("crlf").string() == "x")
        try mapping.finish()
    }

    @Test func readsThirtyTwoLevels() throws {
        let text = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try read(text).sequence()
    }

    @Test func readsAMebibyte() throws {
        let text = "a: 1\n#" + String(repeating: "x", count: (1 << 20) - 6)
        #expect(try read(text).mapping().required("a").integer() == 1)
    }

    @Test func readsTinyFiles() throws {
        // Below 16 bytes a Swift string has no storage of its own; the parser keeps a pointer into it.
        for _ in 0..<100 { #expect(try read("a: b").mapping().required("a").string() == "b") }
        #expect(try read("x").string() == "x")
    }

    @Test func nestedAliasesInAKeyCostNoTime() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1..<30 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a29\n: boom\n"
        let started = ContinuousClock.now
        #expect(throws: PolicyFileError("anchor", "", remedy: "")) { try read(text) }
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    @Test func decimalsExistOnlyWhereAskedFor() throws {
        let mapping = try read("weight: 0.25\nwhole: 2\n").mapping()
        #expect(try mapping.required("weight").decimal() == 250_000_000)
        #expect(try mapping.required("whole").decimal() == 2_000_000_000)
        #expect(throws: PolicyFileError("type", "", remedy: "")) { try mapping.required("weight").string() }
        #expect(throws: PolicyFileError("type", "", remedy: "")) { try mapping.required("weight").integer() }
        #expect(throws: PolicyFileError("type", "", remedy: "")) { try mapping.required("weight").json }
        #expect(throws: PolicyFileError("range", "", remedy: "")) { try read("tiny: 0.0000000001") }
    }

    @Test func anUnknownKeyNamesTheNearestOne() throws {
        let mapping = try read("task: x\nrequster: z\n").mapping()
        _ = try mapping.required("task")
        do {
            _ = try mapping.required("requester")
            Issue.record("a missing key was found")
        } catch {
            #expect(error.message == "t.yaml:2:1: found the key \"requster\"; allowed requester (required here)")
        }
        let other = try read("task: x\npurpos: z\n").mapping()
        _ = try other.required("task")
        _ = other.optional("purpose")
        do {
            try other.finish()
            Issue.record("an unknown key passed")
        } catch {
            #expect(
                error.message == "t.yaml:2:1: found the key \"purpos\"; allowed purpose, task (did you mean purpose?)")
        }
    }

    @Test func anErrorShowsNoControlCharacters() throws {
        let node = try read("a: \"x\\ty\"").mapping().required("a")
        #expect(node.description == "the string \"x\\u{9}y\"")
    }
}
