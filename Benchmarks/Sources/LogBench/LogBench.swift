// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import BenchmarkTable
internal import Floors
internal import Glibc
internal import Sealing
internal import TransparencyLog

/// Acknowledged entries per second, and how long an acknowledgement takes, on the disk that holds the build directory.
@main
struct LogBench {
    let directory: String
    let rounds: Int
    /// Of each measurement.
    let milliseconds = 700.0
    /// Bytes of a record of the peers: what an entry of ours has.
    let record: Int

    static func main() async throws {
        let arguments = try Arguments()
        let directory = try arguments.value("disk")
        let bench = LogBench(
            directory: directory, rounds: arguments.rounds(7), record: try entrySize(in: "\(directory)/size"))
        var report = Report("log")
        // 0 leaves a part out.
        let counts = arguments.option("appenders").flatMap { Int($0) }.map { [$0] } ?? [1, 16, 256, 4096]
        for count in counts where count > 0 { try await bench.appending(count, &report) }
        let entries = arguments.option("entries").flatMap { Int($0) } ?? 1 << 18
        if entries > 0 { try bench.whole(entries, &report) }
        // Only now: a file system that looks for an unused inode passes over those deleted a moment ago, one by one, and would
        // make the next measurement pay for the end of the last.
        for room in try Files.list(directory) { try removeTree("\(directory)/\(room)") }
        report.print(json: arguments.json)
    }

    private func appending(_ count: Int, _ report: inout Report) async throws {
        var whole: [Double] = []
        var busy: [Double] = []
        var crowd: [Double] = []
        var threads: [Double] = []
        var threadWaits: [Double] = []
        var bare: [Double] = []
        var bareTasks: [Double] = []
        var bareThreads: [Double] = []
        var lite: [Double] = []
        var waits: [Double] = []
        var syncs: [Double] = []
        for round in 0..<rounds {
            let ours = try batches(of: count, room: "\(directory)/a\(count)-\(round)")
            whole.append(ours.rate)
            busy.append(ours.busy)
            let floor = try peer(.loop, count, "\(directory)/bare\(count)-\(round)")
            bare.append(floor.rate)
            syncs += floor.ms
            let (rate, latencies) = try await tasks(count, room: "\(directory)/b\(count)-\(round)")
            crowd.append(rate)
            waits += latencies
            let (threadRate, threadLatencies) = try appenders(count, room: "\(directory)/c\(count)-\(round)")
            threads.append(threadRate)
            threadWaits += threadLatencies
            bareTasks.append(try await HandOff.tasks(count, milliseconds: milliseconds))
            bareThreads.append(try HandOff.threads(count, milliseconds: milliseconds))
            let name = "\(directory)/\(count)-\(round).sqlite"
            lite.append(try peer(.sqlite, count, name).rate)
        }
        // SAFETY: a constant string of the library.
        let version = unsafe String(cString: floor_sqlite_version())
        let a = Samples(whole, better: .high)
        let loop = Samples(bare, better: .high)
        let loopName = "write+fdatasync loop that hashes"
        let batch = count == 1 ? "1 entry" : "\(count) entries"
        let tasks = count == 1 ? "1 task" : "\(count) tasks"
        let crew = count == 1 ? "1 thread" : "\(count) threads"
        report.add(
            Row(
                "appends of \(batch), acknowledged entries/s", ours: a, peer: loopName, version: "C", theirs: loop,
                target: .ratioAtLeast(0.5)))
        report.add(
            Row(
                "appends of \(batch), entries per CPU-second of the thread", ours: Samples(busy, better: .high),
                peer: loopName, version: "C, acknowledged entries/s", theirs: loop, target: .open))
        for (who, rate) in [(tasks, crowd), (crew, threads)] {
            report.add(
                Row(
                    "\(who) appending single entries, acknowledged entries/s", ours: Samples(rate, better: .high),
                    peer: loopName, version: "C", theirs: loop, target: .ratioAtLeast(0.5)))
        }
        for (who, rate) in [(tasks, bareTasks), (crew, bareThreads)] {
            report.add(
                Row(
                    "\(who) handing over a number and nothing else, answers/s", ours: Samples(rate, better: .high),
                    peer: loopName, version: "C", theirs: loop, target: .open))
        }
        report.add(
            Row(
                "appends of \(batch), acknowledged entries/s, against a database", ours: a,
                peer: "SQLite WAL, synchronous=FULL",
                version: version, theirs: Samples(lite, better: .high), target: .open))
        let sync = Samples(syncs)
        for (who, times) in [(tasks, waits), (crew, threadWaits)] {
            let wait = Samples(times)
            report.add(
                Row(
                    "\(who) appending single entries, ms to acknowledge, ratio of the p99s", ours: wait,
                    peer: loopName, version: "C", theirs: sync, ratio: wait.p99 / sync.p99, target: .ratioAtMost(3)))
        }
    }

    /// One thread that appends `count` entries at once.
    /// - Returns: acknowledged entries per second, and per second that the thread was at work.
    private func batches(of count: Int, room: String) throws -> (rate: Double, busy: Double) {
        let log = try Self.create(room)
        var appended = 0
        let start = Stopwatch.now
        let cpu = Stopwatch.cpu
        while Stopwatch.ms(since: start) < milliseconds {
            appended += try log.append((0..<count).map { Self.draft(appended + $0) }).count
        }
        let busy = Double(appended) / (Double(Stopwatch.cpu - cpu) / 1e9)
        let rate = Double(appended) / (Stopwatch.ms(since: start) / 1000)
        try log.close()
        return (rate, busy)
    }

    /// `count` tasks that append one entry at a time.
    private func tasks(_ count: Int, room: String) async throws -> (rate: Double, ms: [Double]) {
        let log = try Self.create(room)
        let milliseconds = milliseconds
        let start = Stopwatch.now
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for task in 0..<count {
                group.addTask {
                    var mine: [Double] = []
                    while Stopwatch.ms(since: start) < milliseconds {
                        let before = Stopwatch.now
                        _ = try await log.appendWithoutBlocking([Self.draft(task)])
                        mine.append(Stopwatch.ms(since: before))
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let rate = Double(times.count) / (Stopwatch.ms(since: start) / 1000)
        try log.close()
        return (rate, times)
    }

    /// `count` threads that append one entry at a time.
    private func appenders(_ count: Int, room: String) throws -> (rate: Double, ms: [Double]) {
        let log = try Self.create(room)
        let tally = Tally()
        let milliseconds = milliseconds
        let start = Stopwatch.now
        try Crew.run(count) { thread in
            var mine: [Double] = []
            while Stopwatch.ms(since: start) < milliseconds {
                let before = Stopwatch.now
                do {
                    _ = try log.append([Self.draft(thread)])
                } catch {
                    return tally.fail("\(error)")
                }
                mine.append(Stopwatch.ms(since: before))
            }
            tally.add(mine.count, mine)
        }
        let rate = Double(try tally.total()) / (Stopwatch.ms(since: start) / 1000)
        try log.close()
        return (rate, tally.values)
    }

    private enum Peer { case loop, sqlite }

    private func peer(_ peer: Peer, _ batch: Int, _ path: String) throws -> (rate: Double, ms: [Double]) {
        var times = [Int64](repeating: 0, count: 1 << 18)
        var done = 0
        let time = Int64(milliseconds * 1e6)
        // SAFETY: both write at most as many times as the array holds, and return before it goes.
        let failure =
            switch peer {
            case .loop: unsafe floor_log(path, record, batch, time, &times, times.count, &done)
            case .sqlite: unsafe floor_sqlite(path, record, batch, time, &times, times.count, &done)
            }
        guard failure == 0 else { throw Trouble("\(path): errno \(failure)") }
        let taken = times.prefix(done)
        let seconds = Double(taken.reduce(0, +)) / 1e9
        return (Double(done * batch) / seconds, taken.map { Double($0) / 1e6 })
    }

    /// Opening and full verification of a published log of some size, on one thread, from the page cache.
    private func whole(_ size: Int, _ report: inout Report) throws {
        let room = "\(directory)/verify"
        let pem = try SigningKey.generate(.ed25519).pem()
        let log = try Self.create(room, pem: pem)
        for start in stride(from: 0, to: size, by: 4096) {
            _ = try log.append((0..<min(4096, size - start)).map { Self.draft(start + $0) })
        }
        try log.close()
        var opened: [Double] = []
        var read: [Double] = []
        var ours: [Double] = []
        var floor: [Double] = []
        var memory: [Double] = []
        for _ in 0..<rounds {
            var start = Stopwatch.now
            let again = try TransparencyLog.open(
                room: room, signer: NoteSigner(name: Self.origin, key: SigningKey(pem: pem)))
            opened.append(Stopwatch.ms(since: start))
            try again.close()
            start = Stopwatch.now
            guard try LogReader(room: room).size == UInt64(size) else { throw Trouble("not all entries are there") }
            read.append(Stopwatch.ms(since: start))
            let before = try Self.memory(resettingPeak: true)
            let cpu = Stopwatch.cpu
            let verified = try LogVerification.verify(room: room)
            ours.append(Double(verified.size) / (Double(Stopwatch.cpu - cpu) / 1e9))
            memory.append(try Self.memory(resettingPeak: false) - before)
            var hashing: Int64 = 0
            // SAFETY: writes one number before it returns.
            let failure = unsafe floor_hash(record, size, &hashing)
            guard failure == 0 else { throw Trouble("hash loop: errno \(failure)") }
            floor.append(Double(size) / (Double(hashing) / 1e9))
        }
        let none = Samples([0])
        let what = "a log of \(size) entries"
        report.add(
            Row(
                "opening \(what) for appending, ms", ours: Samples(opened), peer: "none", version: "", theirs: none,
                target: .atMost(100)))
        report.add(
            Row(
                "opening \(what) for reading, ms", ours: Samples(read), peer: "none", version: "", theirs: none,
                target: .atMost(100)))
        report.add(
            Row(
                "full verification of \(what), entries per CPU-second", ours: Samples(ours, better: .high),
                peer: "loop that only hashes", version: "C", theirs: Samples(floor, better: .high),
                target: .atLeast(600_000)))
        report.add(
            Row(
                "full verification of \(what), memory beyond what was in use, MiB", ours: Samples(memory), peer: "none",
                version: "", theirs: none, target: .atMost(64)))
    }

    /// MiB that the process has in memory, or had at most since the peak was last reset (proc_pid_status(5)).
    private static func memory(resettingPeak: Bool) throws -> Double {
        if resettingPeak {
            // What was freed and not given back would hide what is taken next.
            floor_give_back()
            let file = try Files.open("/proc/self/clear_refs", O_WRONLY)
            try Files.write(Array("5".utf8), to: file.raw, named: "/proc/self/clear_refs")
        }
        let status = String(decoding: try Files.read("/proc/self/status", limit: 1 << 16), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let words = line?.split(separator: " "), words.count == 3,
            let kibibytes = words[1].split(separator: "\t").last.flatMap({ Double($0) })
        else { throw Trouble("no VmHWM in /proc/self/status") }
        return kibibytes / 1024
    }

    private static func entrySize(in room: String) throws -> Int {
        let log = try create(room)
        _ = try log.append([draft(1_000)])
        let size = try log.rawEntry(0).count
        try log.close()
        try removeTree(room)
        return size
    }

    private static let origin = "bench.example/log"

    private static func create(_ room: String) throws -> TransparencyLog {
        try create(room, pem: SigningKey.generate(.ed25519).pem())
    }

    private static func create(_ room: String, pem: borrowing SecretBytes) throws -> TransparencyLog {
        try Files.createDirectory(room)
        try TransparencyLog.create(room: room, signer: NoteSigner(name: origin, key: SigningKey(pem: pem)))
        return try TransparencyLog.open(room: room, signer: NoteSigner(name: origin, key: SigningKey(pem: pem)))
    }

    private static func draft(_ number: Int) -> EntryDraft {
        EntryDraft(
            type: "x.load", actor: EntryActor(id: "uid:1000", role: "outside"), policy: 7,
            data: .object([
                "number": .integer(Int64(number)), "text": .string("some words, about as long as those of an event"),
            ]))
    }

    private static func removeTree(_ path: String) throws { try Program(["/bin/rm", "-rf", path]).run() }
}
