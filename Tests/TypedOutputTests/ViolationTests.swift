// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TypedOutput

struct ViolationTests {
    private let spam = """
        {"$id":"urn:atomic:schema:spam","type":"object","required":["spam","confidence"],"additionalProperties":false,
         "properties":{"spam":{"type":"boolean"},"confidence":{"type":"number","minimum":0,"maximum":1}}}
        """

    @Test(arguments: [
        ("{\"spam\":true,\"confidence\":0.5}", ""), ("{\"spam\":true,\"confidence\":1}", ""),
        ("{\"spam\":true}", " required"), ("{\"spam\":1,\"confidence\":0}", "/spam type"),
        ("{\"spam\":true,\"confidence\":1.01}", "/confidence maximum"),
        ("{\"spam\":true,\"confidence\":-0.1}", "/confidence minimum"),
        ("{\"spam\":true,\"confidence\":\"0.5\"}", "/confidence type"), ("[]", " type"), ("null", " type"),
        ("{\"spam\":true,\"confidence\":0,\"extra\":1}", "/* false"), ("{}", " required,  required"),
    ])
    func theTriageSchemaSaysWhatIsWrong(value: String, wanted: String) throws {
        let found = try schema(spam).check(try json(value)).map { "\($0.path) \($0.keyword)" }.joined(separator: ", ")
        #expect(found == wanted)
        #expect(try schema(spam).admits(try json(value)) == wanted.isEmpty)
    }

    @Test func noViolationCarriesContent() throws {
        let strict = try schema(
            """
            {"properties":{"a":{"enum":["x"]},"b":{"pattern":"^x$"},"c":{"maxLength":1},"d":{"const":1},"e":false,
             "f":{"items":{"type":"null"}},"g":{"not":{"type":"string"}},"h":{"oneOf":[{"type":"null"},{"type":"array"}]}},
             "patternProperties":{"^can":{"type":"null"}},"additionalProperties":{"type":"null"},
             "propertyNames":{"maxLength":1},"maxProperties":1,"unevaluatedProperties":false}
            """)
        let value = try json(
            """
            {"a":"canary","b":"canary","c":"canary","d":"canary","e":"canary","f":["canary"],"g":"canary","h":"canary",
             "canary":"canary","other-canary":{"canary":"canary"}}
            """)
        let violations = strict.check(value)
        #expect(violations.count > 8)
        #expect(
            Set(violations.map(\.keyword)).isSuperset(of: ["enum", "pattern", "maxLength", "const", "not", "oneOf"]))
        #expect(!String(describing: violations).contains("canary"))
    }

    @Test func theNumberOfViolationsIsBounded() throws {
        let items = Array(repeating: JSONValue.integer(1), count: 1_000)
        #expect(try schema("{\"items\":false}").check(.array(items)).count == OutputSchema.maxViolations)
    }

    @Test func namesAreComparedByCodePoint() throws {
        let composed = try schema(
            "{\"required\":[\"\\u00e9\"],\"properties\":{\"\\u00e9\":true},\"additionalProperties\":false}")
        #expect(composed.admits(try json("{\"\\u00e9\":1}")))
        #expect(!composed.admits(try json("{\"e\\u0301\":1}")))
        #expect(!(try schema("{\"const\":\"\\u00e9\"}").admits(try json("\"e\\u0301\""))))
        #expect(try schema("{\"uniqueItems\":true}").admits(try json("[\"\\u00e9\",\"e\\u0301\"]")))
    }

    @Test func lengthsAreCodePoints() throws {
        let two = try schema("{\"minLength\":2,\"maxLength\":2}")
        #expect(two.admits(.string("e\u{301}")))
        #expect(two.admits(.string("👍👍")))
        #expect(!two.admits(.string("👍🏽x")))
    }

    @Test func numbersAreComparedExactly() throws {
        #expect(try schema("{\"multipleOf\":0.01}").admits(try json("4.35")))
        #expect(!(try schema("{\"multipleOf\":0.01}").admits(try json("4.355"))))
        #expect(try schema("{\"multipleOf\":1e-308}").admits(try json("1e308")))
        #expect(!(try schema("{\"multipleOf\":7}").admits(try json("1e308"))))
        #expect(!(try schema("{\"maximum\":9007199254740992}").admits(try json("9007199254740993"))))
        #expect(!(try schema("{\"exclusiveMinimum\":-1e-300}").admits(try json("-1e-300"))))
        #expect(try schema("{\"exclusiveMinimum\":-1e-300}").admits(try json("0")))
        #expect(try schema("{\"const\":1}").admits(try json("1.0")))
        #expect(!(try schema("{\"uniqueItems\":true}").admits(try json("[1,{\"a\":[2]},{\"a\":[2.0]}]"))))
        #expect(try schema("{\"const\":1152921504606846976}").admits(.double(1152921504606846976)))
    }
}
