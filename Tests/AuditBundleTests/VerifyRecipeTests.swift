// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Attestation
import AuditBundle
import Glibc
import Testing

/// Runs the code blocks of `Attestation/VERIFY.md` as a reader would, in a fresh directory.
@Suite("The recipe of Attestation/VERIFY.md") struct VerifyRecipeTests {
    static let tools = ["jq", "openssl", "sha256sum", "tar", "od", "dd"]
    static let missing = tools.filter { tool in !["/usr/bin/", "/bin/"].contains { Files.exists($0 + tool) } }

    let recipe: [UInt8]
    let fresh: [UInt8]
    let trust: [UInt8]

    init() throws {
        let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Attestation/VERIFY.md"
        var isCode = false
        var script = ""
        for line in String(decoding: try Files.read(path), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line == "```" { isCode = false }
            if isCode { script += line + "\n" }
            if line == "```sh" { isCode = true }
        }
        recipe = Array(script.utf8)
        let room = try RoomOnDisk()
        fresh = try BundleWriter.encode(
            log: room.log, room: room.statement, sources: room.sources, key: VectorKeys.signing("room statement"))
        trust = try BundleVectors().trust
    }

    /// - Returns: the exit status and what was printed.
    private func run(_ bundle: [UInt8], _ trust: [UInt8], proof: String = "") throws -> (status: Int32, output: String)
    {
        let directory = try TemporaryDirectory()
        try Files.writeVisibly(recipe, to: directory.path + "/recipe.sh")
        try Files.writeVisibly(bundle, to: directory.path + "/in.atomic")
        try Files.writeVisibly(trust, to: directory.path + "/trust.json")
        try Files.createDirectory(directory.path + "/work")
        let command = """
            cd '\(directory.path)/work' && BUNDLE='\(directory.path)/in.atomic' TRUST='\(directory.path)/trust.json' \
            proof='\(proof)' sh ../recipe.sh > ../out 2>&1
            """
        // SAFETY: the string is NUL-terminated and lives for the call.
        let status = unsafe system(command)
        return (status >> 8 & 0xff, String(decoding: try Files.read(directory.path + "/out"), as: UTF8.self))
    }

    // Skipped only where the recipe's own tools are not installed; they are on every machine that scripts/run prepared.
    @Test(
        "a fresh bundle passes with stock tools",
        .enabled(if: missing.isEmpty, "the recipe needs \(missing.joined(separator: ", "))"))
    func passes() throws {
        #expect(recipe.count > 2_000)
        let result = try run(fresh, trust)
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("verified: signature of the room"))
    }

    @Test(
        "every proof of the bundle passes",
        .enabled(if: missing.isEmpty, "the recipe needs \(missing.joined(separator: ", "))"),
        arguments: [8, 24, 59, 62])
    func proofs(_ index: Int) throws {
        let result = try run(fresh, trust, proof: "bundle/log/proofs/\(index).tlog-proof")
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("entry \(index): "))
    }

    @Test("damaged bundles fail", .enabled(if: missing.isEmpty, "the recipe needs \(missing.joined(separator: ", "))"))
    func damaged() throws {
        let members = try CanonicalArchive.decode(fresh)
        /// The bundle with one byte of a member changed in its last third, wrapped up properly again.
        func changed(_ prefix: String) throws -> [UInt8] {
            let victim = try #require(members.first { $0.name.hasPrefix(prefix) })
            return try CanonicalArchive.encode(
                members.map { member in
                    guard member.name == victim.name else { return member }
                    var content = member.content
                    content[content.count * 2 / 3] ^= 1
                    return .init(name: member.name, content: content)
                })
        }
        for prefix in ["log/checkpoint", "log/tile/entries/", "log/proofs/", "policy/", "records/", "manifest.dsse"] {
            #expect(try run(changed(prefix), trust).status != 0, "\(prefix)")
        }
        let extra = try CanonicalArchive.encode(members + [.init(name: "extra", content: [1])])
        #expect(try run(extra, trust).status == 4)
        let fewer = try CanonicalArchive.encode(members.filter { !$0.name.hasPrefix("policy/") })
        #expect(try run(fewer, trust).status != 0)
        #expect(try run(Array(fresh.prefix(2_000)), trust).status != 0)
        #expect(try run([], trust).status != 0)
    }

    @Test(
        "bundles that a lying room signed fail where the recipe looks",
        .enabled(if: missing.isEmpty, "the recipe needs \(missing.joined(separator: ", "))"))
    func lies() throws {
        let vectors = try BundleVectors()
        for name in [
            "signed by a stranger", "not signed", "signed twice", "signed by room and stranger", "another payload type",
            "checkpoint signed by another key", "a proof with a hash changed", "a subject left out",
            "a stranger's signature under the room's keyid", "another keyid over the room's signature",
        ] {
            let item = try #require(vectors.bundles.first { $0.name == name }, "\(name)")
            let proof = name == "a proof with a hash changed" ? "bundle/log/proofs/6.tlog-proof" : ""
            #expect(try run(item.bytes, trust, proof: proof).status != 0, "\(name)")
        }
    }

    @Test(
        "foreign trust files fail", .enabled(if: missing.isEmpty, "the recipe needs \(missing.joined(separator: ", "))")
    )
    func foreign() throws {
        let vectors = try BundleVectors()
        for name in [
            "nobody trusted", "another room's keys", "another statement key", "no statement key", "another log key",
            "empty object",
        ] {
            let item = try #require(vectors.trusts.first { $0.name == name }, "\(name)")
            #expect(try run(fresh, item.bytes).status != 0, "\(name)")
        }
    }
}
