// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TypedOutput

struct SchemaLoadingTests {
    @Test(arguments: [
        ("{\"format\":\"email\"}", "schema-keyword", "#/format"),
        ("{\"properties\":{\"a\":{\"minLenght\":1}}}", "schema-keyword", "#/properties/a/minLenght"),
        ("{\"$defs\":{\"x\":{\"contentEncoding\":\"base64\"}}}", "schema-keyword", "#/$defs/x/contentEncoding"),
        ("{\"definitions\":{}}", "schema-keyword", "#/definitions"),
        ("{\"items\":[{\"x-mine\":1}]}", "schema-malformed", "#/items"),
        ("{\"prefixItems\":[{\"x-mine\":1}]}", "schema-keyword", "#/prefixItems/0/x-mine"),
        ("{\"$vocabulary\":{}}", "schema-keyword", "#/$vocabulary"),
        ("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", "schema-keyword", "#/$schema"),
        ("{\"type\":\"strng\"}", "schema-malformed", "#/type"), ("{\"type\":[]}", "schema-malformed", "#/type"),
        ("{\"minLength\":-1}", "schema-malformed", "#/minLength"),
        ("{\"minLength\":1.5}", "schema-malformed", "#/minLength"),
        ("{\"multipleOf\":0}", "schema-malformed", "#/multipleOf"),
        ("{\"maximum\":\"9\"}", "schema-malformed", "#/maximum"),
        ("{\"required\":[\"a\",\"a\"]}", "schema-malformed", "#/required"),
        ("{\"enum\":1}", "schema-malformed", "#/enum"), ("{\"allOf\":[]}", "schema-malformed", "#/allOf"),
        ("{\"not\":3}", "schema-malformed", "#/not"), ("{\"properties\":[]}", "schema-malformed", "#/properties"),
        ("{\"uniqueItems\":\"yes\"}", "schema-malformed", "#/uniqueItems"), ("[]", "schema-malformed", "#"),
        ("{\"$ref\":\"#/$defs/nowhere\"}", "schema-reference", "#/$ref"),
        ("{\"$ref\":\"https://example.com/schema.json\"}", "schema-reference", "#/$ref"),
        (
            "{\"const\":{\"a\":1},\"properties\":{\"b\":{\"$ref\":\"#/const\"}}}", "schema-reference",
            "#/properties/b/$ref"
        ),
        ("{\"$ref\":\"#\"}", "schema-recursion", "#"),
        (
            "{\"$defs\":{\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/b\"}]},\"b\":{\"not\":{\"$ref\":\"#/$defs/a\"}}}}",
            "schema-recursion", "#/$defs"
        ),
        ("{\"pattern\":\"(a\"}", "schema-pattern", "#/pattern"),
        ("{\"pattern\":\"(?=a)\"}", "schema-pattern", "#/pattern"),
        ("{\"pattern\":\"(a)\\\\1\"}", "schema-pattern", "#/pattern"),
        ("{\"patternProperties\":{\"a{5000}\":true}}", "schema-pattern", "#/patternProperties"),
    ])
    func aSchemaThatCannotBeJudgedIsRefusedWithItsPlace(text: String, code: String, place: String) throws {
        let refusal = try #require(try refusal(text), "\(text) loads")
        #expect(refusal.code == code, "\(text)")
        #expect(refusal.message.hasPrefix("schema at \(place)"), "\(refusal.message)")
    }

    @Test func annotationsAreAllowed() throws {
        let text = """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:atomic:schema:spam","title":"t",
             "description":"d","default":1,"examples":[1],"deprecated":true,"readOnly":true,"writeOnly":false,"$comment":"c"}
            """
        #expect(try refusal(text) == nil)
    }

    @Test func recursionThroughTheValueIsAllowed() throws {
        let tree = try schema(
            """
            {"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"}}},"additionalProperties":false}
            """)
        #expect(tree.admits(try json("{\"children\":[{\"children\":[]},{}]}")))
        #expect(!tree.admits(try json("{\"children\":[{\"children\":[{\"x\":1}]}]}")))
    }

    @Test func aLongChainInPlaceIsRefused() throws {
        func chain(_ length: Int) -> String {
            let links = (0..<length).map { "\"d\($0)\":{\"$ref\":\"#/$defs/d\($0 + 1)\"}" }.joined(separator: ",")
            return "{\"$ref\":\"#/$defs/d0\",\"$defs\":{\(links),\"d\(length)\":{\"type\":\"null\"}}}"
        }
        #expect(try refusal(chain(50)) == nil)
        #expect(try refusal(chain(100))?.code == "schema-recursion")
        #expect(try refusal(chain(15_000))?.code == "schema-recursion")
    }

    @Test func aSchemaOfAnySizeIsRefused() throws {
        let many = (0..<SchemaLimits.nodes).map { "\"d\($0)\":true" }.joined(separator: ",")
        #expect(try refusal("{\"$defs\":{\(many)}}")?.code == "schema-size")
    }
}
