// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import Testing

@testable import TypedOutput

struct SafePatternTests {
    @Test(arguments: [
        ("", "", true), ("", "x", true), ("b", "abc", true), ("^b", "abc", false), ("^abc$", "abc", true),
        ("^a.c$", "a\nc", false), ("^a.c$", "aéc", true), ("^a.c$", "a👍c", true), ("^[a-c]+$", "abcabc", true),
        ("^[^a-c]+$", "xyz", true), ("^[^a-c]+$", "xaz", false), ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false),
        ("^a{2}$", "aa", true), ("^a{2,}$", "a", false), ("^a{2,}$", "aaaaa", true), ("^(ab|cd)*$", "abcdab", true),
        ("^(ab|cd)*$", "abc", false), ("^(?:a|b)?$", "", true), ("^(?<year>\\d{4})$", "2026", true),
        ("^a|b$", "axx", true),
        ("^a|b$", "xxb", true), ("^\\d+$", "٣", false), ("^\\w+$", "a_9", true), ("^\\w+$", "é", false),
        ("^\\s$", "\u{a0}", true),
        ("^\\S+$", "a b", false), ("\\bfoo\\b", "a foo b", true), ("\\bfoo\\b", "afoo", false), ("\\Boo", "foo", true),
        ("^\\p{L}+$", "aéΩ", true), ("^\\p{Letter}+$", "a1", false), ("^\\P{L}+$", "12", true),
        ("^\\p{gc=Lu}$", "É", true),
        ("^\\u00e9$", "é", true), ("^\\u{1F44D}$", "👍", true), ("^\\ud83d\\udc4d$", "👍", true),
        ("^\\x41\\t$", "A\t", true),
        ("^[\\d\\-x]+$", "1-x", true), ("^[a\\]]+$", "a]", true), ("^[]$", "", false), ("^[^]$", "x", true),
        ("^\\cJ$", "\n", true),
        ("a*?b", "aab", true), ("^.*bar$", "foo bar", true), ("^$", "", true), ("^$", "\n", false),
        ("^(a||b)$", "", true),
    ])
    func patternsMeanWhatTheyMeanInECMAScript(pattern: String, text: String, matches: Bool) throws {
        var work = 1_000_000
        let found = try SafePattern(pattern).matches(text, work: &work)
        #expect(found == matches, "/\(pattern)/u on “\(text)”")
    }

    @Test(arguments: [
        "(", ")", "[a", "a**", "*a", "a{2", "a{3,2}", "{", "}", "]", "\\", "\\1", "\\k<a>", "(?=a)", "(?!a)", "(?<=a)",
        "(?<!a)",
        "\\p{Script=Greek}", "\\p{Nope}", "\\pL", "\\q", "\\u12", "\\ud800", "\\u{110000}", "[z-a]", "[\\d-z]", "^*",
        "\\b+", "\\01",
        "(?i)a",
    ])
    func whatIsNotRegularOrNotAPatternIsRefused(pattern: String) {
        #expect(throws: PatternRefusal.self) { try SafePattern(pattern) }
    }
}
