// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import TypedOutput

/// The official JSON Schema test suite, draft 2020-12. It is data beside the repository, so the tests say when it is absent.
struct OfficialSuiteTests {
    static let shared = SharedData.directory("data/json-schema-test-suite/tests/draft2020-12")

    @Test(.enabled(if: shared != nil, "the JSON Schema test suite is not here: set ATOMIC_SHARED"))
    func everyRequiredCaseWhoseSchemaLoadsIsJudgedRight() throws {
        let tally = try run(try #require(Self.shared))
        print("JSON Schema 2020-12, required: \(tally.summary)")
        #expect(tally.wrong == [])
        #expect(tally.loaded >= 1_050, "fewer schemas load than before")
    }

    @Test(.enabled(if: shared != nil, "the JSON Schema test suite is not here: set ATOMIC_SHARED"))
    func everyOptionalCaseWhoseSchemaLoadsIsJudgedRight() throws {
        let tally = try run(try #require(Self.shared) + "/optional")
        print("JSON Schema 2020-12, optional without formats: \(tally.summary)")
        #expect(tally.wrong == [])
        #expect(tally.loaded > 0)
    }

    struct Tally {
        var loaded = 0
        var refused: [String: Int] = [:]
        var wrong: [String] = []
        var summary: String {
            let codes = refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "\(loaded) cases loaded and judged, \(wrong.count) wrong; cases refused at load: \(codes)"
        }
    }

    private func run(_ directory: String) throws -> Tally {
        var tally = Tally()
        for file in try Files.list(directory) where file.hasSuffix(".json") {
            let groups = try JSONValue.parse(try Files.read(directory + "/" + file, limit: 16 << 20))
            for group in try #require(groups.arrayValue) {
                let cases = try #require(group["tests"]?.arrayValue)
                do {
                    let schema = try OutputSchema(try #require(group["schema"]))
                    for test in cases {
                        let data = try #require(test["data"])
                        let valid = test["valid"]
                        let expected = valid == .bool(true)
                        let place =
                            "\(file): \(group["description"]?.stringValue ?? ""): \(test["description"]?.stringValue ?? "")"
                        if schema.admits(data) != expected { tally.wrong.append(place) }
                        if schema.check(data).isEmpty != expected { tally.wrong.append("check: " + place) }
                        tally.loaded += 1
                    }
                } catch let error as TypedOutputError {
                    tally.refused[error.codeName, default: 0] += cases.count
                }
            }
        }
        return tally
    }
}
