// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Sealing
import Testing

@testable import AtomicCommand

@Suite("An answer that a watch opens")
struct OpenedAnswerTests {
    private func opened(_ answer: String) throws -> (json: [UInt8]?, action: [UInt8]?, mode: UInt32) {
        let directory = "/tmp/atomic-opened-\(Hex.encode(RandomBytes.make(8)))"
        try Files.createDirectory(directory, mode: 0o700)
        defer {
            for name in (try? Files.list(directory)) ?? [] { try? Files.remove("\(directory)/\(name)") }
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            _ = unsafe rmdir(directory)
        }
        let identity = try AgeIdentity.generate()
        let sealed = try Age.encrypt(Array(answer.utf8), recipients: [identity.recipient])
        try Files.writeDurably(sealed, to: "\(directory)/1.a.json.age")
        try OpenedAnswer(directory: directory, message: "1.a").write(with: identity)
        #expect(throws: SealingError.self) {
            try OpenedAnswer(directory: directory, message: "1.a").write(with: AgeIdentity.generate())
        }
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        _ = unsafe stat("\(directory)/1.a.json", &status)
        #expect(try Files.list(directory).allSatisfy { $0.hasPrefix("1.a.") }, "nothing half-written stays")
        return (
            try? Files.read("\(directory)/1.a.json"), try? Files.read("\(directory)/1.a.action.json"),
            status.st_mode & 0o777
        )
    }

    @Test("The answer as it is, and its action for the mail system, for the owner's eyes only")
    func action() throws {
        let answer = "{\"action\":{\"tag\":\"billing\"},\"spam\":false}"
        let files = try opened(answer)
        #expect(files.json == Array(answer.utf8))
        #expect(files.action == Array("{\"tag\":\"billing\"}\n".utf8))
        #expect(files.mode == 0o600)
    }

    @Test("An answer without an action has no file of one")
    func noAction() throws {
        let files = try opened("{\"spam\":true}")
        #expect(files.json != nil && files.action == nil)
    }
}
