// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Testing
import VerifyCommand

@Suite("atomic-verify") struct VerifyCommandTests {
    let directory: TemporaryDirectory
    let bundle: String
    let trust = BundleVectors.directory + "/trust.json"

    init() throws {
        directory = try TemporaryDirectory()
        bundle = BundleVectors.directory + "/good.atomic"
    }

    @Test("a good bundle exits 0 and names each claim and who stands for it") func good() {
        let outcome = VerifyCommand.outcome(of: [bundle, "--trust", trust])
        #expect(outcome.status == .done)
        #expect(outcome.diagnostic.isEmpty)
        #expect(outcome.standard.hasSuffix("bundle verified: \(bundle)\n"))
        for claim in ["archive", "signature", "log", "policy", "label", "decision", "receipt", "attestation"] {
            #expect(outcome.standard.contains("ok         \(claim)"), "\(claim)")
        }
        #expect(outcome.standard.contains("by data-owner ") || outcome.standard.contains("data-owner "))
        #expect(!outcome.standard.contains("FAILED"))
    }

    @Test("options may come in any order and form") func order() {
        for arguments in [
            ["--trust", trust, bundle], ["--trust=" + trust, "--", bundle], [bundle, "--trust=" + trust],
        ] {
            #expect(VerifyCommand.outcome(of: arguments).status == .done)
        }
    }

    @Test("with --json the report is one line of canonical JSON") func json() throws {
        let outcome = VerifyCommand.outcome(of: [bundle, "--json", "--trust", trust])
        #expect(outcome.status == .done)
        let line = Array(outcome.standard.utf8.dropLast())
        let report = try CanonicalJSON.decode(BundleReport.self, from: line)
        #expect(report.verified)
        #expect(report.room == "atomic.example/clinic")
    }

    @Test("a damaged bundle exits 4 and says what is wrong") func damaged() throws {
        var bytes = try BundleVectors().good
        bytes[700] ^= 1
        let path = directory.path + "/bad.atomic"
        try Files.writeVisibly(bytes, to: path)
        let outcome = VerifyCommand.outcome(of: [path, "--trust", trust])
        #expect(outcome.status == .unverified)
        #expect(outcome.standard.contains("FAILED"))
        #expect(outcome.standard.contains("bundle NOT verified"))
        let json = VerifyCommand.outcome(of: [path, "--trust", trust, "--json"])
        #expect(json.status == .unverified)
        #expect(json.standard.contains("\"verified\":false"))
    }

    @Test("an empty and a foreign trust file exit 4") func trustFiles() throws {
        let empty = directory.path + "/empty.json"
        try Files.writeVisibly([], to: empty)
        #expect(VerifyCommand.outcome(of: [bundle, "--trust", empty]).status == .unverified)
        let foreign = try #require(BundleVectors().trusts.first { $0.name == "another room's keys" })
        let path = directory.path + "/foreign.json"
        try Files.writeVisibly(foreign.bytes, to: path)
        #expect(VerifyCommand.outcome(of: [bundle, "--trust", path]).status == .unverified)
    }

    @Test("a file that is not there exits 4, because it verifies nothing") func absent() {
        #expect(VerifyCommand.outcome(of: [directory.path + "/none", "--trust", trust]).status == .unverified)
        let json = VerifyCommand.outcome(of: [directory.path + "/none", "--trust", trust, "--json"])
        #expect(json.standard.hasPrefix("{\"error\":"))
    }

    @Test(
        "wrong usage exits 2",
        arguments: [
            [], ["x"], ["--trust", "x"], ["x", "--trust"], ["x", "y", "--trust", "z"],
            ["x", "--trust", "z", "--force"], ["x", "--trust", "a", "--trust", "b"],
        ])
    func usage(_ arguments: [String]) {
        let outcome = VerifyCommand.outcome(of: arguments)
        #expect(outcome.status == .usage)
        #expect(outcome.diagnostic.contains("usage: atomic-verify"))
    }

    @Test("help exits 0") func help() { #expect(VerifyCommand.outcome(of: ["--help"]).status == .done) }

    @Test("nothing in a bundle drives the terminal") func terminal() {
        let claim = Claim(
            claim: "log", says: "\u{1b}[2J\u{202e}x", signedBy: ["\u{7}"], verdict: .failed, reason: "\r\n")
        let report = BundleReport(bundle: "", room: nil, jobs: [], verified: false, claims: [claim])
        let text = ReportText.lines(report, name: "a\u{9b}b")
        for scalar in text.unicodeScalars where scalar != "\n" {
            #expect(scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) && scalar.value != 0x202e)
        }
    }
}
