// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Synchronization
import Testing

@testable import TransparencyLog

@Suite("Readers")
struct ReaderTests {
    @Test("Beside a busy writer every view is whole, never shrinks, and verifies")
    func besideAWriter() throws {
        let room = try Room()
        try room.create()
        let limits = TransparencyLog.Limits(publishAfterEntries: 100, rotateAfterBytes: 20_000)
        let log = try TransparencyLog.open(room: room.path, signer: room.signer(), clock: .real, limits: limits)
        let acknowledged = Atomic<UInt64>(0)
        let views = Atomic<Int>(0)
        let isDone = Atomic<Bool>(false)
        let troubles = Mutex<[String]>([])
        Threads.run(4) { thread in
            do {
                if thread == 0 {
                    defer { isDone.store(true, ordering: .sequentiallyConsistent) }
                    for round in 0..<300 {
                        let range = try log.append((0..<(1 + round % 9)).map { Draft.numbered(round * 10 + $0) })
                        acknowledged.store(range.upperBound, ordering: .sequentiallyConsistent)
                    }
                    return
                }
                var last: UInt64 = 0
                while !isDone.load(ordering: .sequentiallyConsistent) {
                    let floor = acknowledged.load(ordering: .sequentiallyConsistent)
                    let reader = try LogReader(room: room.path, key: room.verifier)
                    guard reader.size >= floor, reader.size >= last else {
                        throw LogError(.range, "\(reader.size) after \(last), acknowledged \(floor)", remedy: "")
                    }
                    last = reader.size
                    if reader.size > 0 {
                        let index = reader.size - 1
                        let proof = try reader.inclusionProof(index)
                        _ = try proof.verify(entry: reader.rawEntry(index), key: room.verifier)
                        _ = try reader.rawEntries(in: 0..<reader.size)
                    }
                    if thread == 1 { _ = try LogVerification.verify(room: room.path, key: room.verifier) }
                    views.add(1, ordering: .relaxed)
                }
            } catch {
                troubles.withLock { $0.append("\(error)") }
            }
        }
        #expect(troubles.withLock { $0 } == [])
        #expect(views.load(ordering: .relaxed) > 10)
        try log.close()
        #expect(try LogVerification.verify(room: room.path, key: room.verifier).size == log.size)
        #expect(try LogDirectory(room: room.path).segments().count == 1)
    }

    @Test("A view hands out the files of its own size, whatever lies on disk", arguments: [3, 256, 300, 513])
    func filesOfAView(size: Int) throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        try room.append(size / 2, batch: 50, to: log)
        try log.publish()
        try room.append(size - size / 2, batch: 50, to: log)
        let early = try LogReader(room: room.path, key: room.verifier)
        try log.close()
        let late = try LogReader(room: room.path, key: room.verifier)
        #expect(early.publishedSize == UInt64(size / 2))
        let paths = late.paths(covering: 0..<UInt64(size))
        #expect(paths == early.paths(covering: 0..<UInt64(size)))
        // Once all is published, what a view hands out is exactly what lies in log/.
        let newest = Set(paths.map(\.description))
        for path in paths {
            #expect(try early.contents(of: path) == late.contents(of: path))
            #expect(try late.contents(of: path) == Files.read("\(room.path)/log/\(path)"), "\(path)")
        }
        let full = try Tree.files(room.path + "/log").filter { $0 != "checkpoint" && !$0.contains(".p/") }
        #expect(newest.isSuperset(of: full))
        #expect(throws: LogError(.range, "", remedy: "")) { _ = try late.rawEntry(UInt64(size)) }
        #expect(throws: LogError(.range, "", remedy: "")) { _ = try late.inclusionProof(UInt64(size)) }
        #expect(throws: LogError(.range, "", remedy: "")) { _ = try late.tile(level: 5, index: 0) }
    }

    @Test("Proofs lead to the checkpoint and survive their text form")
    func proofs() throws {
        let room = try Room()
        try room.fill(300, batch: 100)
        let reader = try LogReader(room: room.path, key: room.verifier)
        for index in [0, 1, 255, 256, 298, 299] as [UInt64] {
            let proof = try reader.inclusionProof(index)
            let again = try InclusionProof(bytes: proof.bytes)
            #expect(again == proof)
            #expect(try again.verify(entry: reader.rawEntry(index), key: room.verifier) == reader.checkpoint)
            #expect(throws: LogError(.proof, "", remedy: "")) { try again.verify(entry: [1], key: room.verifier) }
        }
        let old = try reader.root(at: 100)
        #expect(
            MerkleTree.verifyConsistency(
                oldSize: 100, oldRoot: old, newSize: 300, newRoot: reader.checkpoint.root,
                proof: try reader.consistencyProof(from: 100)))
    }

    @Test("Opening reads a handful of files, whatever the length of the log")
    func openingIsCheap() throws {
        let room = try Room()
        try room.fill(2_000, batch: 500)
        // With every full tile and bundle but the last gone, the head of the log can still be opened.
        for file in try Tree.files(room.path + "/log") where file.hasPrefix("tile/0/00") || file.contains("entries/00")
        {
            if !file.contains("007") { try Files.remove("\(room.path)/log/\(file)") }
        }
        let reader = try LogReader(room: room.path, key: room.verifier)
        #expect(reader.size == 2_000)
        #expect(try reader.entry(1_999).seq == 1_999)
        let log = try room.open()
        #expect(try log.append([Draft.numbered(2_000)]) == 2_000..<2_001)
        #expect(throws: LogError(.damaged, "", remedy: "")) { _ = try log.entry(0) }
    }
}
