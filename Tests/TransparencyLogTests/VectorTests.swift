// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

@testable import TransparencyLog

@Suite("Golden vectors")
struct VectorTests {
    /// The i-th leaf of the vectors' tree.
    private func leaf(_ index: Int) -> [UInt8] { Array("entry \(index)".utf8) }

    @Test("Roots by size")
    func roots() throws {
        for test in try Vectors.cases("log/tree") {
            let leaves = (0..<test.integer("size")).map { MerkleTree.leafHash(leaf($0)) }
            #expect(MerkleTree.root(of: leaves) == test.digest("root"), "\(test.name)")
            var tree = TreeState()
            var full: [CompletedTile] = []
            var engine = SHA256Engine()
            for hash in leaves { tree.append(leaf: hash, engine: &engine, completed: &full) }
            #expect(tree.root == test.digest("root"), "\(test.name)")
        }
    }

    @Test("Inclusion proofs, verified and made")
    func inclusion() throws {
        for test in try Vectors.cases("log/inclusion") {
            let index = UInt64(test.integer("index"))
            let size = UInt64(test.integer("size"))
            let proof = test.digests("proof")
            let leaf = try #require(test.digest("leaf"))
            let root = try #require(test.digest("root"))
            let holds = proof.map {
                MerkleTree.verifyInclusion(leaf: leaf, index: index, size: size, root: root, proof: $0)
            }
            #expect((holds ?? false) == test.isOK, "\(test.name)")
            if test.isOK { #expect(try MemoryTree(Int(size)).tiled.inclusionPath(index) == proof, "\(test.name)") }
        }
    }

    @Test("Consistency proofs, verified and made")
    func consistency() throws {
        for test in try Vectors.cases("log/consistency") {
            let old = UInt64(test.integer("oldSize"))
            let new = UInt64(test.integer("newSize"))
            let proof = try #require(test.digests("proof"))
            let holds = MerkleTree.verifyConsistency(
                oldSize: old, oldRoot: try #require(test.digest("oldRoot")), newSize: new,
                newRoot: try #require(test.digest("newRoot")), proof: proof)
            #expect(holds == test.isOK, "\(test.name)")
            if test.isOK { #expect(try MemoryTree(Int(new)).tiled.consistencyPath(from: old) == proof, "\(test.name)") }
        }
    }

    @Test("Paths of tiles")
    func paths() throws {
        for test in try Vectors.cases("log/paths") {
            let level = test.string("level")
            let kind: TilePath.Kind = level == "entries" ? .entries : .hashes(level: try #require(Int(level)))
            let path = TilePath(kind, index: UInt64(test.integer("tile")), width: test.integer("width"))
            #expect(path.description == test.string("path"))
            #expect(TilePath(test.string("path")) == path)
        }
        for wrong in [
            "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/0/x000/001", "tile/0/001/002",
            "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p", "tile/0/+01", "tile/x/000",
            "/tile/0/000", "tile/0/000/", "tile/entries", "checkpoint",
        ] {
            #expect(TilePath(wrong) == nil, "\(wrong)")
        }
    }

    /// The leaves in batches of every size.
    private func tail(_ size: Int) -> EntryTail {
        var tail = EntryTail(start: 0)
        while tail.end < UInt64(size) {
            var run = EntryRun()
            for index in Int(tail.end)..<min(size, Int(2 * tail.end) + 1) { run.append(leaf(index)) }
            tail.append(run)
        }
        return tail
    }

    @Test("Tiles and bundles by size")
    func tiles() throws {
        for test in try Vectors.cases("log/tiles") {
            let size = test.integer("size")
            let memory = MemoryTree(size)
            let work = TilePublication(
                note: [], tree: memory.tree, completed: memory.completed, entries: tail(size), firstEntry: 0)
            let expected = try #require(test.json["files"]?.arrayValue)
            #expect(work.files.count == expected.count, "\(test.name)")
            for file in expected {
                let path = try #require(file["path"]?.stringValue)
                let made = try #require(work.files.first { $0.path.description == path }, "\(test.name) \(path)")
                #expect(Int64(made.bytes.count) == file["bytes"]?.integerValue, "\(test.name) \(path)")
                #expect(Digest.sha256(made.bytes).description == file["digest"]?.stringValue, "\(test.name) \(path)")
            }
        }
    }

    @Test("Verifier keys")
    func verifierKeys() throws {
        for test in try Vectors.cases("log/vkey") {
            let outcome = Result { try NoteVerifier(vkey: test.string("text")) }
            #expect(test.matches(outcome))
            guard case .success(let key) = outcome else { continue }
            #expect(key.name == test.string("keyName"))
            #expect(key.publicKey.description == test.string("key"))
            #expect(key.vkey == test.string("text"))
        }
    }

    @Test("Signed checkpoints")
    func checkpoints() throws {
        for test in try Vectors.cases("log/checkpoint") {
            let key = try NoteVerifier(vkey: test.string("vkey"))
            let bytes = try #require(test.bytes("note"))
            let outcome = Result {
                let head = try Checkpoint(note: bytes, signedBy: key)
                guard head.origin == test.string("origin") else { throw LogError(.checkpoint, "", remedy: "") }
                return head
            }
            #expect(test.matches(outcome))
            guard case .success(let head) = outcome else { continue }
            #expect(head.size == UInt64(test.integer("size")))
            #expect(head.root == test.digest("root"))
            #expect(try SignedNote(bytes: bytes).bytes == bytes, "\(test.name)")
            #expect(try head.text == SignedNote(bytes: bytes).text, "\(test.name)")
        }
    }

    @Test("Proof files")
    func proofs() throws {
        for test in try Vectors.cases("tlog-proof/tlog-proof") {
            let key = try NoteVerifier(vkey: test.string("vkey"))
            let file = try #require(test.bytes("file"))
            let entry = try #require(test.bytes("entry"))
            let outcome = Result {
                let proof = try InclusionProof(bytes: file)
                let head = try proof.verify(entry: entry, key: key)
                guard head.origin == test.string("origin") else { throw LogError(.checkpoint, "", remedy: "") }
                return proof
            }
            #expect(test.matches(outcome))
            guard case .success(let proof) = outcome else { continue }
            #expect(proof.index == UInt64(test.integer("index")))
            #expect(proof.bytes == file, "\(test.name)")
        }
    }

    @Test("Chains of entries")
    func entries() throws {
        for test in try Vectors.cases("log/entries") {
            var texts = try #require(test.json["entries"]?.arrayValue).map { Base64.decode($0.stringValue ?? "") ?? [] }
            if let length = test.json["padding"]?.integerValue { texts = [try padded(to: Int(length))] }
            var chain = EntryChain()
            let outcome = Result { for text in texts { _ = try chain.add(text) } }
            #expect(test.matches(outcome))
            switch outcome {
            case .success:
                #expect(texts.map { Base64.encode(MerkleTree.leafHash($0).bytes) } == test.strings("leaves"))
                #expect(chain.previous?.hex == test.string("last"))
            case .failure:
                #expect(chain.next == UInt64(test.integer("entry")), "\(test.name)")
            }
        }
    }

    private func padded(to length: Int) throws -> [UInt8] {
        var draft = Draft.numbered(0)
        func bytes(_ padding: Int) throws -> [UInt8] {
            draft.data = .object(["x": .string(String(repeating: "x", count: padding))])
            return try PreparedEntry(draft, boot: "b").bytes(
                seq: 0, prev: EntryChain.start, wall: WallTime(nanoseconds: 0).rfc3339, mono: 1)
        }
        let entry = try bytes(length - bytes(0).count)
        try #require(entry.count == length)
        // The positive control: one byte less is an entry.
        _ = try LogEntry(bytes: bytes(length - 1 - bytes(0).count))
        return entry
    }
}

/// The cases of the files in `Tests/Vectors`.
struct Vectors {
    let json: JSONValue

    /// Fails when there are none: a test over nothing shows nothing.
    static func cases(_ name: String) throws -> [Vectors] {
        let source = "\(#filePath)"
        let tests = Files.parent(of: Files.parent(of: source))
        let file = try JSONValue.parse(Files.read("\(tests)/Vectors/\(name).json"))
        let cases = try #require(file["cases"]?.arrayValue)
        try #require(!cases.isEmpty)
        return cases.map { Vectors(json: $0) }
    }

    var name: String { string("name") }
    var isOK: Bool { string("expect") == "ok" }

    func string(_ key: String) -> String { json[key]?.stringValue ?? "" }
    func integer(_ key: String) -> Int { Int(json[key]?.integerValue ?? -1) }
    func bytes(_ key: String) -> [UInt8]? { Base64.decode(string(key)) }
    func digest(_ key: String) -> Digest? { bytes(key).flatMap { Digest(bytes: $0) } }
    func strings(_ key: String) -> [String] { json[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// Nil when one of them has not 32 bytes.
    func digests(_ key: String) -> [Digest]? {
        let all = strings(key).map { Base64.decode($0).flatMap { Digest(bytes: $0) } }
        return all.contains(nil) ? nil : all.compactMap { $0 }
    }

    /// Whether the outcome is the expected one.
    func matches<Value>(_ outcome: Result<Value, any Error>, _ comment: String = "") -> Bool {
        let found =
            switch outcome {
            case .success: "ok"
            case .failure(let error): (error as? any ExplainedError)?.codeName ?? "\(error)"
            }
        if found != string("expect") { Issue.record("\(name): expected \(string("expect")), found \(found)") }
        return found == string("expect")
    }
}

/// A tree over `entry 0`, `entry 1`, …, in memory.
struct MemoryTree {
    var tree = TreeState()
    var completed: [CompletedTile] = []
    let leaves: [Digest]

    init(_ size: Int) {
        leaves = (0..<size).map { MerkleTree.leafHash(Array("entry \($0)".utf8)) }
        var engine = SHA256Engine()
        for leaf in leaves { tree.append(leaf: leaf, engine: &engine, completed: &completed) }
    }

    var tiled: TiledTree {
        TiledTree(size: tree.size) { level, index throws(LogError) in
            if let tile = completed.first(where: { $0.level == level && $0.index == index }) { return tile.bytes }
            guard level < tree.edges.count else { throw .range("no level \(level)") }
            return tree.edges[level]
        }
    }
}
