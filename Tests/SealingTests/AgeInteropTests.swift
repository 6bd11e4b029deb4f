// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Sealing
import Testing

/// Both ways with Debian's age, which is the reference implementation.
@Suite(.enabled(if: installed("/usr/bin/age") && installed("/usr/bin/age-keygen"), "needs Debian's package age"))
struct AgeInteropTests {
    static let sizes = [0, 1, 15, 16, 65_535, 65_536, 65_537, 131_072, 1_048_576, 1_114_112, 1_200_003]

    private func content(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    }

    private func seal(_ bench: Workbench, _ input: String, _ output: String, _ recipients: [AgeRecipient], armor: Bool)
        throws
    {
        let source = try Files.open(bench.path(input), O_RDONLY)
        let target = try Files.open(bench.path(output), O_WRONLY | O_CREAT | O_TRUNC)
        try Age.encrypt(from: source.raw, to: target.raw, recipients: recipients, armor: armor)
    }

    private func open(_ bench: Workbench, _ input: String, _ output: String, _ identity: borrowing AgeIdentity) throws {
        let source = try Files.open(bench.path(input), O_RDONLY)
        let target = try Files.open(bench.path(output), O_WRONLY | O_CREAT | O_TRUNC)
        try Age.decrypt(from: source.raw, to: target.raw, identity: identity)
    }

    @Test(arguments: sizes, [false, true])
    func ageOpensWhatWeSealAndTheOtherWayRound(_ size: Int, _ armor: Bool) throws {
        let bench = try Workbench()
        let bytes = content(size)
        try bench.write(bytes, "plain")
        let identity = try AgeIdentity.generate()
        try bench.write(plain(identity.file(created: WallTime(nanoseconds: 0))), "id")

        try seal(bench, "plain", "ours.age", [identity.recipient], armor: armor)
        let theirs = try bench.run("/usr/bin/age", ["-d", "-i", bench.path("id"), bench.path("ours.age")])
        #expect(theirs.status == 0)
        #expect(theirs.output == bytes)

        let arguments = (armor ? ["-a"] : []) + ["-r", identity.recipient.string, "-o", bench.path("theirs.age")]
        #expect(try bench.run("/usr/bin/age", arguments + [bench.path("plain")]).status == 0)
        try open(bench, "theirs.age", "opened", identity)
        #expect(try bench.read("opened") == bytes)
        #expect(plain(try Age.decrypt(try bench.read("theirs.age"), identity: identity)) == bytes)
        if !armor {
            #expect(try bench.read("ours.age").count == bench.read("theirs.age").count)
        }
    }

    @Test func everyOneOfSeveralRecipientsOpensTheFile() throws {
        let bench = try Workbench()
        try bench.write(content(70_000), "plain")
        for name in ["a", "b", "c"] {
            #expect(try bench.run("/usr/bin/age-keygen", ["-o", bench.path(name)]).status == 0)
        }
        let recipients = try ["a", "b", "c"].map { try AgeIdentity(uri: bench.path($0)).recipient }
        #expect(Set(recipients).count == 3)
        try seal(bench, "plain", "ours.age", Array(recipients.prefix(2)), armor: false)
        for (name, opens) in [("a", true), ("b", true), ("c", false)] {
            let theirs = try bench.run("/usr/bin/age", ["-d", "-i", bench.path(name), bench.path("ours.age")])
            #expect((theirs.status == 0) == opens, "\(name)")
        }
        let list = recipients.flatMap { ["-r", $0.string] }
        try bench.run("/usr/bin/age", list + ["-o", bench.path("theirs.age"), bench.path("plain")])
        for name in ["a", "b", "c"] {
            let identity = try AgeIdentity(uri: "file:" + bench.path(name))
            try open(bench, "theirs.age", "opened", identity)
            #expect(try bench.read("opened") == content(70_000))
        }
        // Several identity files at once are one identity.
        let both = try AgeIdentity(uris: [bench.path("c"), bench.path("a")])
        #expect(both.recipients == [recipients[2], recipients[0]])
        try open(bench, "ours.age", "opened", both)
        #expect(try bench.read("opened") == content(70_000))
    }

    @Test func ageKeygenReadsTheRecipientOfOurIdentityFile() throws {
        let bench = try Workbench()
        let identity = try AgeIdentity.generate()
        let text = plain(identity.file(created: try #require(WallTime(rfc3339: "2026-11-21T10:00:00.5Z"))))
        try bench.write(text, "id")
        let shown = try bench.run("/usr/bin/age-keygen", ["-y", bench.path("id")])
        #expect(String(decoding: shown.output, as: UTF8.self) == identity.recipient.string + "\n")
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4)
        #expect(lines[0] == "# created: 2026-11-21T10:00:00Z")
        #expect(lines[1] == "# public key: \(identity.recipient.string)")
        #expect(lines[2].hasPrefix("AGE-SECRET-KEY-1"))
        #expect(lines[3].isEmpty)
    }

    @Test func aPassphraseFileOfAgeIsNoMatchForAnIdentity() throws {
        // age reads passphrases from a terminal only, so the file is the testkit's layout: one scrypt stanza.
        let identity = try AgeIdentity.generate()
        let file = Array(
            """
            age-encryption.org/v1
            -> scrypt rF0/NwblUHHTpgQgRpe5CQ 10
            gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY
            --- 9Hk7SPnb5Jmxe4pfNLuZ9xpvMcMNdVCJ2WMZhdMcWbw

            """.utf8)
        #expect(code { _ = try Age.decrypt(file, identity: identity) } == "no-match")
    }
}
