// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

@testable import TransparencyLog

@Suite("Golden vectors of witnesses")
struct WitnessVectorTests {
    @Test("Verifier keys of witnesses")
    func verifierKeys() throws {
        for test in try Vectors.cases("witness/vkey") {
            let outcome = Result { try CosignatureVerifier(vkey: test.string("text")) }
            #expect(test.matches(outcome))
            guard case .success(let key) = outcome else { continue }
            #expect(key.name == test.string("keyName"))
            #expect(key.publicKey.description == test.string("key"))
            #expect(key.vkey == test.string("text"))
        }
    }

    @Test("Cosignatures, verified and made")
    func cosignatures() throws {
        let signer = try Signer("witness/cosignature")
        var made = 0
        for test in try Vectors.cases("witness/cosignature") {
            let known = try test.strings("vkeys").map { try CosignatureVerifier(vkey: $0) }
            let note = try SignedNote(bytes: #require(test.bytes("note")))
            let outcome = Result { try note.cosignatures(by: known) }
            #expect(test.matches(outcome))
            if case .success(let found) = outcome {
                #expect(found.map(\.witness.name) == test.strings("signers"), "\(test.name)")
                #expect(found.map { "\($0.timestamp)" } == test.strings("times"), "\(test.name)")
            }
            guard test.json["text"] != nil else { continue }
            let text = try #require(test.bytes("text"))
            made += 1
            #expect(try signer.line(over: text) == Array(test.string("line").utf8), "\(test.name)")
        }
        #expect(made == 1)
    }

    @Test("Requests, read and written")
    func requests() throws {
        for test in try Vectors.cases("witness/request") {
            let body = try test.body()
            let outcome = Result { try WitnessRequest(bytes: body) }
            #expect(test.matches(outcome))
            guard case .success(let request) = outcome else { continue }
            #expect(request.oldSize == UInt64(test.integer("old")), "\(test.name)")
            #expect(request.proof == test.digests("proof"), "\(test.name)")
            #expect(request.note.bytes == test.bytes("note"), "\(test.name)")
            #expect(request.bytes == body, "\(test.name)")
        }
    }

    @Test("What a witness answers")
    func answers() throws {
        let signer = try Signer("witness/answer")
        for test in try Vectors.cases("witness/answer") {
            let witness = WitnessStateMachine(logs: try test.strings("logs").map { try NoteVerifier(vkey: $0) })
            let latest = WitnessStateMachine.Head(
                size: UInt64(test.integer("latestSize")), root: try #require(test.digest("latestRoot")))
            let judgement: WitnessStateMachine.Judgement
            do {
                judgement = WitnessStateMachine.judge(try witness.admit(test.body()), latest: latest)
            } catch let refusal as WitnessAnswer {
                judgement = .refuse(refusal)
            }
            switch judgement {
            case .cosign(let head, let text):
                #expect(test.string("expect") == "200", "\(test.name)")
                #expect(head.size == UInt64(test.integer("size")), "\(test.name)")
                #expect(head.root == test.digest("root"), "\(test.name)")
                #expect(try signer.line(over: text) == Array(test.string("answer").utf8), "\(test.name)")
            case .refuse(let answer):
                #expect("\(answer.status)" == test.string("expect"), "\(test.name)")
                guard answer.status == 409 else { continue }
                #expect(answer.contentType == "text/x.tlog.size", "\(test.name)")
                #expect(answer.body == Array(test.string("answer").utf8), "\(test.name)")
                #expect(answer.conflictingSize == latest.size, "\(test.name)")
            }
        }
    }

    @Test("A size in an answer is read only as it must be written")
    func sizes() {
        func size(_ body: String, _ type: String = "text/x.tlog.size") -> UInt64? {
            WitnessAnswer(status: 409, contentType: type, body: Array(body.utf8)).conflictingSize
        }
        #expect(size("12\n") == 12)
        #expect(size("12\n", "text/plain") == nil)
        for wrong in ["12", "012\n", "+12\n", "\n", "", "12\n\n", "-1\n", "18446744073709551616\n", "1 2\n"] {
            #expect(size(wrong) == nil, "\(wrong)")
        }
        #expect(WitnessAnswer(status: 200, contentType: "text/x.tlog.size", body: [0x31, 0x0a]).conflictingSize == nil)
    }

    /// The witness of a vector file, at its time.
    private struct Signer {
        let name: String
        let pem: [UInt8]
        let time: UInt64

        init(_ file: String) throws {
            let vectors = try Vectors.file(file)
            name = vectors["keyName"]?.stringValue ?? ""
            pem = Array((vectors["pem"]?.stringValue ?? "").utf8)
            time = try #require(vectors["time"]?.stringValue.flatMap { UInt64($0) })
        }

        func line(over text: [UInt8]) throws -> [UInt8] {
            try CosignatureSigner(name: name, key: SigningKey(pem: pem)).cosign(text, at: time).line
        }
    }
}

extension Vectors {
    /// The whole file, for what is common to its cases.
    static func file(_ name: String) throws -> JSONValue {
        let tests = Files.parent(of: Files.parent(of: "\(#filePath)"))
        return try JSONValue.parse(Files.read("\(tests)/Vectors/\(name).json"))
    }

    /// The request of a case; a long one is written as its beginning and how many zero bytes follow.
    fileprivate func body() throws -> [UInt8] {
        try #require(bytes("body")) + [UInt8](repeating: 0, count: max(0, integer("padding")))
    }
}
