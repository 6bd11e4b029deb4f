// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import SovereignPolicy

/// `ROOM/halt/`: where signed halts and resumes wait for whoever has the room, and where the answers to them lie.
///
/// A process that works in a room has its lock, so nobody else can write its log. Whoever wants to stop it puts the signed statement
/// here, durably; the process looks here all the time, and the next one that opens the room before it does anything else.
struct StopDrop {
    /// What came of a statement.
    struct Answer: Codable {
        struct Refusal: Codable {
            let code: String
            let message: String
            let remedy: String
            let exit: ExitStatus
        }
        /// Index of the log entry.
        var entry: UInt64?
        /// Key ids of who signed, sorted.
        var signers: [String] = []
        var refusal: Refusal?
    }

    let directory: String

    private static let waiting = ".json"
    private static let answered = ".answer"

    /// What waits, halts before resumes, so that a resume never overtakes a halt that it does not name.
    func all() -> [(name: String, bytes: [UInt8])] {
        let names = (try? Files.list(directory).filter { $0.hasSuffix(Self.waiting) }) ?? []
        let files = names.compactMap { name in
            // A file that cannot be read now is there the next time; one that is too large is no statement.
            (try? Files.read(directory + "/" + name, limit: SignedStatement.maximumBytes + 1)).map {
                (name: String(name.dropLast(Self.waiting.utf8.count)), bytes: $0)
            }
        }
        func isHalt(_ bytes: [UInt8]) -> Bool { (try? StopEnvelope.inspect(bytes).statement.kind) == .halt }
        let halts = files.filter { isHalt($0.bytes) }
        return halts + files.filter { !isHalt($0.bytes) }
    }

    /// Puts a statement down, durably.
    func put(_ bytes: [UInt8], as name: String) throws {
        try Files.createDirectory(directory, mode: 0o700)
        try Files.writeDurably(bytes, to: directory + "/" + name + Self.waiting, mode: 0o600)
    }

    func isWaiting(_ name: String) -> Bool { Files.exists(directory + "/" + name + Self.waiting) }

    /// Takes what was dealt with away, behind its answer: who waits finds one of the two.
    func settle(_ name: String, _ answer: Answer) throws {
        try Files.writeVisibly(
            CanonicalJSON.encode(answer), to: directory + "/" + name + Self.answered, mode: 0o600)
        try Files.remove(directory + "/" + name + Self.waiting)
    }

    /// The answer to a statement, which is taken away; nil while there is none.
    func takeAnswer(_ name: String) throws -> Answer? {
        let path = directory + "/" + name + Self.answered
        guard Files.exists(path) else { return nil }
        let answer = try CanonicalJSON.decode(Answer.self, from: Files.read(path))
        try Files.remove(path)
        return answer
    }
}
