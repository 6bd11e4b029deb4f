// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Glibc
import Synchronization
import Testing

@testable import TransparencyLog

@Suite("Appending and reading")
struct AppendTests {
    @Test("Entries come back as they were appended, before and after closing", arguments: [1, 255, 256, 257, 600])
    func roundTrip(count: Int) throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        try room.append(count, to: log)
        #expect(log.size == UInt64(count))
        #expect(try log.entry(0).data["n"] == .integer(0))
        #expect(try log.entry(UInt64(count - 1)).data["n"] == .integer(Int64(count - 1)))
        let beside = try LogReader(room: room.path, key: room.verifier)
        #expect(beside.size == UInt64(count))
        #expect(beside.checkpointNote == log.checkpoint())
        try log.close()
        let reader = try LogReader(room: room.path, key: room.verifier)
        #expect(reader.publishedSize == UInt64(count))
        #expect(reader.checkpointNote == log.checkpoint())
        var previous = Digest(bytes: [UInt8](repeating: 0, count: 32))
        for index in 0..<UInt64(count) {
            let bytes = try reader.rawEntry(index)
            let entry = try LogEntry(bytes: bytes)
            #expect(entry.seq == index)
            #expect(entry.prev == previous)
            #expect(entry.data["n"] == .integer(Int64(index)))
            previous = Digest.sha256(bytes)
        }
        let verified = try LogVerification.verify(room: room.path, key: room.verifier)
        #expect(verified.size == UInt64(count))
        #expect(verified.lastEntry?.seq == UInt64(count - 1))
    }

    @Test("The pieces that are put together are the canonical JSON of the entry")
    func preparedIsCanonical() throws {
        let draft = EntryDraft(
            type: "job.accepted", actor: EntryActor(id: "desk \"4\"\n", role: "requester"), job: "j-1",
            label: DataLabel(class: "pii", owners: ["b", "a"]), policy: 7,
            data: .object(["z": .array([.null, .double(1.5)]), "a": .string("é\u{1f600}")]))
        let clock = SystemClock.real
        let bytes = try PreparedEntry(draft, boot: "6a2f0c4e-0000-4000-8000-000000000000").bytes(
            seq: 12, prev: Digest.sha256([1]), wall: clock.wall().rfc3339, mono: clock.monotonic())
        let entry = try LogEntry(bytes: bytes)
        #expect(try CanonicalJSON.encode(entry) == bytes)
        #expect(entry.label == draft.label)
        #expect(entry.job == "j-1")
    }

    @Test("An entry of 65,535 bytes goes in, one byte more does not, and the others of its batch stay unharmed")
    func sizeLimit() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        func draft(_ bytes: Int) -> EntryDraft {
            var draft = Draft.numbered(0)
            draft.data = .object(["x": .string(String(repeating: "x", count: bytes))])
            return draft
        }
        _ = try log.append([draft(1_000)])
        let overhead = try log.rawEntry(0).count - 1_000
        // The monotonic clock may gain a digit in between; this room has room for one.
        _ = try log.append([draft(65_535 - overhead - 1)])
        #expect(throws: LogError(.entry, "", remedy: "")) { _ = try log.append([draft(65_540 - overhead)]) }
        #expect(log.size == 2)
        _ = try log.append([Draft.numbered(1)])
        try log.close()
        #expect(try LogVerification.verify(room: room.path).size == 3)
    }

    @Test(
        "Types that are not names are refused",
        arguments: ["", "a..b", "x. y", "x.\"", ".x", String(repeating: "a", count: 65)])
    func badTypes(type: String) throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        var draft = Draft.numbered(0)
        draft.type = type
        #expect(throws: LogError(.entry, "", remedy: "")) { _ = try log.append([draft]) }
        draft.type = "x.good-name_1"
        #expect(try log.append([draft]) == 0..<1)
    }

    @Test("Threads that append at once get distinct, complete ranges, and the log verifies")
    func concurrentAppends() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        let ranges = Mutex<[Range<UInt64>]>([])
        Threads.run(16) { thread in
            for round in 0..<40 {
                let drafts = (0...(round % 3)).map { Draft.numbered(thread * 1_000 + round * 10 + $0) }
                guard let range = try? log.append(drafts), range.count == drafts.count else { continue }
                ranges.withLock { $0.append(range) }
            }
        }
        let sorted = ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
        #expect(sorted.count == 640)
        #expect(sorted.first?.lowerBound == 0)
        for (left, right) in zip(sorted, sorted.dropFirst()) { #expect(left.upperBound == right.lowerBound) }
        try log.close()
        #expect(try LogVerification.verify(room: room.path, key: room.verifier).size == sorted.last?.upperBound)
    }

    @Test("Tasks and threads that append at once get distinct ranges, and a closed log refuses both")
    func tasks() async throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        let taken = Taken()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Holds its thread while it waits.
                for number in 0..<50 {
                    let range = try log.append([Draft.numbered(number)])
                    taken.ranges.withLock { $0.append(range) }
                }
            }
            for task in 0..<64 {
                group.addTask {
                    for count in 1...8 {
                        let range = try await log.appendWithoutBlocking((0..<count).map { Draft.numbered(task + $0) })
                        #expect(range.count == count)
                        taken.ranges.withLock { $0.append(range) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let sorted = taken.ranges.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } }
        #expect(sorted.count == 50 + 64 * 8)
        var next: UInt64 = 0
        for range in sorted {
            #expect(range.lowerBound == next)
            next = range.upperBound
        }
        #expect(log.size == next)
        await #expect(throws: LogError(.entry, "", remedy: "")) {
            var draft = Draft.numbered(0)
            draft.type = "no type"
            _ = try await log.appendWithoutBlocking([draft])
        }
        #expect(try await log.appendWithoutBlocking([]) == next..<next)
        try log.close()
        await #expect(throws: LogError(.closed, "", remedy: "")) {
            _ = try await log.appendWithoutBlocking([Draft.numbered(0)])
        }
        #expect(try LogVerification.verify(room: room.path, key: room.verifier).size == next)
    }

    @Test("A second writer is refused with exit 75, in this process too, and let in after the first has closed")
    func secondWriter() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        let refused = #expect(throws: LogError.self) { _ = try room.open() }
        #expect(refused?.code == .locked)
        #expect(refused?.exit == .tryAgain)
        try log.close()
        #expect(try room.open().size == 0)
    }

    @Test("Closing frees the log even while a child holds a copy of every descriptor")
    func lockAndChildren() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        // What a fork between our open and its exec does: another descriptor of the same open file.
        let lock = room.path + "/log-wal/lock"
        let copies = try Files.list("/proc/self/fd").compactMap { name -> Int32? in
            guard let number = Int32(name), let target = try? linkTarget("/proc/self/fd/\(name)"), target == lock else {
                return nil
            }
            return dup(number)
        }
        #expect(!copies.isEmpty)
        try log.close()
        #expect(try room.open().size == 0)
        for copy in copies { close(copy) }
    }

    private func linkTarget(_ path: String) throws -> String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        // SAFETY: the buffer is passed with its own length.
        let count = unsafe readlink(path, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test("A closed log refuses appends, and closing twice is fine")
    func closed() throws {
        let room = try Room()
        try room.create()
        let log = try room.open()
        try log.close()
        try log.close()
        #expect(throws: LogError(.closed, "", remedy: "")) { _ = try log.append([Draft.numbered(0)]) }
    }

    @Test("Creating a log where one is, and opening with another key, are refused")
    func wrongPlaceOrKey() throws {
        let room = try Room()
        try room.fill(3)
        #expect(throws: LogError(.exists, "", remedy: "")) { try room.create() }
        let stranger = try Room()
        #expect(throws: LogError(.key, "", remedy: "")) {
            _ = try TransparencyLog.open(room: room.path, signer: stranger.signer())
        }
        #expect(throws: LogError(.key, "", remedy: "")) { _ = try LogReader(room: room.path, key: stranger.verifier) }
        #expect(throws: LogError(.missing, "", remedy: "")) { _ = try stranger.open() }
    }
}

/// Plain threads: the log's API blocks, so it is not tested on the cooperative pool.
enum Threads {
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number -> pthread_t in
            // SAFETY: the box is retained for the thread, which releases it.
            let box = unsafe Unmanaged.passRetained(Box { body(number) })
            var thread = pthread_t()
            unsafe pthread_create(
                &thread, nil,
                { pointer in
                    if let pointer = unsafe pointer {
                        unsafe Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
                    }
                    return nil
                }, box.toOpaque())
            return thread
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    private final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}

/// What appenders were given.
private final class Taken: Sendable {
    let ranges = Mutex<[Range<UInt64>]>([])
}
