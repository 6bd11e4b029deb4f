// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TypedOutput

struct BoundedWorkTests {
    @Test func aBranchingSchemaRunsOutOfWorkInsteadOfTime() throws {
        // Each level applies the next one twice: 2^40 applications when judged to the end.
        let levels = (0..<40).map {
            "\"d\($0)\":{\"allOf\":[{\"$ref\":\"#/$defs/d\($0 + 1)\"},{\"$ref\":\"#/$defs/d\($0 + 1)\"}]}"
        }
        let text = "{\"$ref\":\"#/$defs/d0\",\"$defs\":{\(levels.joined(separator: ",")),\"d40\":true}}"
        // Two nodes per level exceed the depth in place; the refusal at load comes first, as it should.
        #expect(try refusal(text)?.code == "schema-recursion")

        let short = (0..<28).map {
            "\"d\($0)\":{\"allOf\":[{\"$ref\":\"#/$defs/d\($0 + 1)\"},{\"$ref\":\"#/$defs/d\($0 + 1)\"}]}"
        }
        let wide = try schema("{\"$ref\":\"#/$defs/d0\",\"$defs\":{\(short.joined(separator: ",")),\"d28\":true}}")
        var evaluation = Evaluation(schema: wide.compiled, work: 10_000, reporting: true)
        let fits = evaluation.run(.null)
        #expect(!fits)
        #expect(evaluation.violations.map(\.keyword) == ["work"])
    }

    @Test func runningOutIsARefusalEvenUnderNot() throws {
        let schema = try schema("{\"not\":{\"items\":{\"pattern\":\"^(a|b)*$\"}}}")
        let value = JSONValue.array([.string(String(repeating: "ab", count: 10_000))])
        var evaluation = Evaluation(schema: schema.compiled, work: 1_000, reporting: false)
        let fits = evaluation.run(value)
        #expect(!fits)
    }

    @Test func patternsThatExplodeElsewhereAreLinearHere() throws {
        let text = String(repeating: "a", count: 50_000) + "!"
        for pattern in ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(a*)*b", "^(.*)(.*)(.*)(.*)x$", "^([a-z]+)*$"] {
            let compiled = try SafePattern(pattern)
            var work = 10_000_000
            let matched = compiled.matches(text, work: &work)
            #expect(matched == false, "\(pattern)")
            #expect(work > 7_000_000, "\(pattern) took \(10_000_000 - work) steps")
        }
    }

    @Test func nestedCountsDoNotMultiply() {
        for pattern in ["((a{60}){60}){60}", "((((){4000}){4000}){4000}){4000}a{5000}", "(a?){4000}", "a{0,4096}b"] {
            #expect(throws: PatternRefusal.self, "\(pattern)") { try SafePattern(pattern) }
        }
        #expect(throws: PatternRefusal.self) { try SafePattern(String(repeating: "(", count: 5_000)) }
    }

    @Test func aDeepValueAgainstARecursiveSchemaIsJudged() throws {
        let tree = try schema("{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}]}")
        let deep = try json(String(repeating: "[", count: 60) + "null" + String(repeating: "]", count: 60))
        #expect(tree.admits(deep))
        #expect(tree.check(deep) == [])
    }

    @Test func numbersAtTheEdgesNeverTrap() throws {
        let numbers = [
            "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "-1e308", "5e-324", "0",
            "-0",
            "0.1", "18446744073709551616", "1.7976931348623157e308",
        ]
        let keywords = [
            "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
            "maxContains", "multipleOf", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "const",
        ]
        let values = try numbers.map { try json($0) } + [.string("x"), .array([.integer(1)]), .object(["a": .null])]
        var loaded = 0
        for keyword in keywords {
            for number in numbers {
                guard let schema = try? schema("{\"\(keyword)\":\(number),\"contains\":true}") else { continue }
                loaded += 1
                for value in values { #expect(schema.admits(value) == schema.check(value).isEmpty) }
            }
        }
        #expect(loaded > 80)
    }
}
