// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import Disclosure

struct CellCountTests {
    @Test(arguments: [
        #"{"rows":[{"age":"0-9","count":12},{"age":"10-19","count":10}]}"#,
        #"[{"group":"a","n":0},{"group":"b","n":null}]"#,
        #"{"0-9":10,"10-19":25,"20-29":0}"#,
        #"{"table":[[10,11],[12,0]]}"#,
        #"{"summary":"three patients","score":3,"isUrgent":true}"#,
        #"{"scores":[0.5,0.25],"label":"x"}"#,
    ])
    func tablesOfEnoughPeoplePass(_ text: String) throws {
        #expect(CellCounts.meet(10, in: try JSONValue.parse(Array(text.utf8))))
    }

    @Test(arguments: [
        #"{"rows":[{"age":"0-9","count":12},{"age":"10-19","count":9}]}"#,
        #"[{"group":"a","N":1}]"#,
        #"{"deep":{"er":[{"x":"y","Frequency":{"f":30,"m":2}}]}}"#,
        #"{"0-9":10,"10-19":3}"#,
        #"{"table":[[10,11],[12,1]]}"#,
        #"{"rows":[[3.0,12.0]]}"#,
        #"[{"group":"a","count":12.5}]"#,
        #"[{"group":"a","count":"nine"}]"#,
        #"[{"group":"a","count":-12}]"#,
    ])
    func aCellOfFewPeopleDoesNot(_ text: String) throws {
        #expect(!CellCounts.meet(10, in: try JSONValue.parse(Array(text.utf8))))
    }

    @Test func theSmallestCellIsTold() throws {
        let value = try JSONValue.parse(Array(#"[{"a":"x","n":0},{"a":"y","n":7},{"a":"z","n":20}]"#.utf8))
        #expect(CellCounts.smallest(in: value) == 7)
        #expect(CellCounts.smallest(in: .string("none")) == nil)
        #expect(CellCounts.meet(7, in: value))
        #expect(!CellCounts.meet(8, in: value))
    }
}
