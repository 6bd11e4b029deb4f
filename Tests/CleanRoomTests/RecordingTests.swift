// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import AuditBundle
import Glibc
import RoomStore
import Testing
import TransparencyLog

@testable import CleanRoom

@Suite("Recording from many threads")
struct RecordingTests {
    private func event(_ number: Int) -> Event.KeyCreated { .init(purpose: "log", key: "key \(number)") }

    @Test("every entry is recorded once, with its files, and followed before anybody is told")
    func manyThreads() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let start = room.log.size
        let failures = Shared<[String]>([])
        let threads = Threads()
        for thread in 0..<8 {
            try threads.start {
                for number in 0..<25 {
                    let bytes = Array("record \(thread)/\(number)".utf8)
                    do {
                        let range = try room.record(
                            all: [event(thread), event(number)], files: [NamedFile(record: bytes)])
                        guard range.count == 2, try room.records.bytes(.sha256(bytes)) == bytes,
                            UInt64(try room.store.nextEntry()) >= range.upperBound
                        else { throw RoomError(.inconsistent, "\(range)", remedy: "") }
                    } catch {
                        failures.locked { $0.append("\(error)") }
                    }
                }
            }
        }
        threads.join()
        #expect(failures.locked { $0 } == [])
        #expect(room.log.size == start + 400)
        try room.close()
        let again = try fixture.open()
        #expect(again.records.contains(.sha256(Array("record 7/24".utf8))))
        try again.close()
    }

    @Test("entries stand in the order in which they were put, whoever waits first")
    func order() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let tickets = try (0..<5).map { try room.enqueue([event($0)]) }
        let ranges = try tickets.reversed().map { try room.wait(for: $0) }
        #expect(ranges.map(\.lowerBound) == ranges.map(\.lowerBound).sorted(by: >))
        try room.close()
    }

    @Test("a malformed entry fails alone; what its job puts later is refused until the job begins anew")
    func malformed() throws {
        let fixture = try RoomFixture()
        let room = try fixture.open()
        let good = try room.enqueue([event(1)], job: "job-a")
        let long = try room.enqueue(
            [Event.KeyCreated(purpose: "log", key: String(repeating: "x", count: 70_000))], job: "job-b")
        let behind = try room.enqueue([event(2)], job: "job-c")
        #expect(throws: Never.self) { try room.wait(for: good) }
        #expect(throws: LogError.self) { try room.wait(for: long) }
        #expect(throws: Never.self) { try room.wait(for: behind) }
        #expect(throws: LogError.self) { try room.enqueue([event(3)], job: "job-b") }
        room.begin(job: "job-b")
        #expect(throws: Never.self) { try room.record(all: [event(3)], job: "job-b") }
        try room.close()
    }
}

@Suite("Files that become durable together")
struct FileJournalTests {
    @Test("what a power failure takes from a directory is put back")
    func recovery() throws {
        let fixture = try RoomFixture()
        let path = fixture.directory + "/journal"
        let journal = FileJournal(root: fixture.directory, path: path)
        let names = ["one", "two", "three"]
        try journal.write(names.map { ($0, Array($0.utf8)) })
        #expect(try Files.read(fixture.directory + "/two") == Array("two".utf8))

        try Files.remove(fixture.directory + "/one")
        try Files.writeVisibly([], to: fixture.directory + "/two")
        try FileJournal(root: fixture.directory, path: path).recover()
        for name in names { #expect(try Files.read(fixture.directory + "/" + name) == Array(name.utf8)) }
        #expect(!Files.exists(path))
    }

    @Test("a torn end is no file, and what is before it counts", arguments: [1, 40, 50])
    func torn(missing: Int) throws {
        let fixture = try RoomFixture()
        let path = fixture.directory + "/journal"
        try FileJournal(root: fixture.directory, path: path).write([
            ("a", [1, 2]), ("b", [UInt8](repeating: 7, count: 9)),
        ])
        let bytes = try Files.read(path)
        try Files.writeVisibly(bytes.dropLast(missing), to: path)
        for name in ["a", "b"] { try Files.remove(fixture.directory + "/" + name) }
        try FileJournal(root: fixture.directory, path: path).recover()
        #expect(try Files.read(fixture.directory + "/a") == [1, 2])
        #expect(!Files.exists(fixture.directory + "/b"))
    }

    @Test("a flush empties it, and it goes on")
    func flush() throws {
        let fixture = try RoomFixture()
        let journal = FileJournal(root: fixture.directory, path: fixture.directory + "/journal")
        try journal.write([("a", [1])])
        try journal.flush()
        try journal.flush()
        try journal.write([("b", [2])])
        try Files.remove(fixture.directory + "/b")
        try FileJournal(root: fixture.directory, path: fixture.directory + "/journal").recover()
        #expect(try Files.read(fixture.directory + "/b") == [2])
    }

    @Test("a write that fails is none, and the next one counts")
    func failure() throws {
        let fixture = try RoomFixture()
        let path = fixture.directory + "/journal"
        let journal = FileJournal(root: fixture.directory, path: path)
        try journal.write([("a", [1])])
        #expect(throws: StoreError.self) { try journal.write([("nowhere/b", [2])]) }
        try journal.write([("c", [3])])
        for name in ["a", "c"] { try Files.remove(fixture.directory + "/" + name) }
        try FileJournal(root: fixture.directory, path: path).recover()
        #expect(try Files.read(fixture.directory + "/a") == [1])
        #expect(try Files.read(fixture.directory + "/c") == [3])
    }
}
