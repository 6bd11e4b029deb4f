// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Testing

@testable import CleanRoom

@Suite("Job files")
struct JobFileTests {
    let good = """
        apiVersion: atomic/job/v1
        task: email-triage
        input: {files: ["inbox/*.eml"]}
        class: pii
        purpose: customer-support
        requester: desk-4
        budget: {cost: "0.05 EUR", wall: 30s}
        output: {dir: out/, seal: true}
        """

    @Test("Read as they are written in the documentation")
    func reads() throws {
        let job = try JobFile(bytes: Array(good.utf8), file: "job.yaml")
        #expect(job.input == .files(["inbox/*.eml"]))
        #expect(job.budget.micro == 50_000)
        #expect(job.wall == 30_000_000_000)
        #expect(job.outputDirectory == "out/")
    }

    @Test(
        "One wrong line is one error with its place",
        arguments: [
            ("task: email-triage", "tusk: email-triage", "job.yaml:"),
            ("wall: 30s", "wall: 30", "job.yaml:7:"),
            ("wall: 30s", "wall: 0s", "job.yaml:7:"),
            ("cost: \"0.05 EUR\"", "cost: 0.05", "job.yaml:7:"),
            ("seal: true", "seal: false", "job.yaml:8:"),
            ("files: [\"inbox/*.eml\"]", "files: [\"a\"], sealed: [\"b\"]", "job.yaml:3:"),
            ("{files: [\"inbox/*.eml\"]}", "{}", "job.yaml:3:"),
            ("atomic/job/v1", "atomic/job/v2", "job.yaml:1:"),
            ("requester: desk-4", "requester: desk-4\nrecipient: age1xyz", "job.yaml:7:"),
        ])
    func refuses(old: String, new: String, place: String) throws {
        let text = try #require(good.contains(old) ? Replace.first(old, new, in: good) : nil)
        let error = #expect(throws: (any Error).self) { try JobFile(bytes: Array(text.utf8), file: "job.yaml") }
        let explained = try #require(error as? any ExplainedError)
        #expect(explained.message.contains(place), "\(explained.message)")
        #expect(explained.exit == .usage)
    }
}

enum Replace {
    /// Replaces the first occurrence.
    static func first(_ old: String, _ new: String, in text: String) -> String {
        guard let range = text.firstRange(of: old) else { return text }
        return text.replacingCharacters(in: range, with: new)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
        String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
    }
}

@Suite("What a job reads and writes")
struct FilesOfAJobTests {
    let directory: String

    init() throws {
        directory = "/tmp/atomic-test-" + Hex.encode(RandomBytes.make(8))
        try Files.createDirectory(directory + "/inbox/below")
        for name in ["b.eml", "a.eml", ".hidden.eml", "note.txt"] {
            try Files.writeVisibly(Array("x".utf8), to: "\(directory)/inbox/\(name)")
        }
    }

    @Test("Patterns match files in order of their names, never hidden ones or directories")
    func patterns() throws {
        let found = try FilePatterns.expand(["inbox/*"], in: directory).map(Files.name(of:))
        #expect(found == ["a.eml", "b.eml", "note.txt"])
    }

    @Test("A pattern without a match, a wildcard directory and a name twice are errors")
    func badPatterns() {
        for patterns in [["inbox/*.pdf"], ["*/a.eml"], ["inbox/a.eml", "inbox/*.eml"]] {
            #expect(throws: RoomError.self) { try FilePatterns.expand(patterns, in: directory) }
        }
    }

    @Test("An answer is placed from the outbox, twice without harm, and never from nowhere")
    func outbox() throws {
        let outbox = try Outbox(directory: directory + "/outbox")
        let answer = Array("sealed".utf8)
        let digest = Digest.sha256(answer)
        try Files.writeDurably(answer, to: directory + "/outbox/" + digest.hex)
        let place = directory + "/out/a.eml.json.age"
        // In a room without witnesses everything is clear.
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let clearance = try room.clearance(class: "pii")
        try room.close()
        try outbox.place(digest, at: place, clearance)
        try outbox.place(digest, at: place, clearance)
        #expect(try Files.read(place) == answer)
        try outbox.clear(keeping: [])
        // Already placed before a crash: fine. Placed nowhere: an error, not silence.
        try outbox.place(digest, at: place, clearance)
        #expect(throws: RoomError.self) { try outbox.place(digest, at: directory + "/out/b.eml.json.age", clearance) }
    }
}
