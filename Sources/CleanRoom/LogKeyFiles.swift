// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
internal import Sealing
public import TransparencyLog

/// The private keys of a room's log, where `room.yaml` says they are.
///
/// While keys are exchanged the next ones lie beside those of today, as `FILE.next`. Which of the two sign is the log's word
/// alone, so a crash at any moment leaves a room that opens: the log goes on with the keys that it announced, or with the old
/// ones if it announced none, and the other files are removed.
public struct LogKeyFiles: Sendable {
    private let paths: RoomPaths
    private let configuration: RoomConfiguration

    public init(_ paths: RoomPaths, _ configuration: RoomConfiguration) {
        self.paths = paths
        self.configuration = configuration
    }

    /// Two key URIs; the second is nil for a room without an ML-DSA-65 key.
    private struct Pair {
        var first: String
        var second: String?
    }

    private var today: Pair {
        Pair(
            first: Room.uri(configuration.logKey, in: paths),
            second: configuration.logPostQuantumKey.map { Room.uri($0, in: paths) })
    }

    // MARK: Signing

    /// Opens the log for appending with the keys that it goes on with, and removes key files that are of no use any more.
    /// - Throws: `key-uri` for anything but a `file:` key, `key`, `io`; what ``TransparencyLog/open(room:signer:clock:)`` throws.
    public func openLog(clock: SystemClock = .real) throws -> TransparencyLog {
        let log = try TransparencyLog.open(room: paths.root, signer: signer(), clock: clock)
        // The log's lock is held from here on, so nobody else touches the files.
        try settle(log.key)
        return log
    }

    /// What signs a checkpoint a second time before it leaves the room; nil for a room without such a key.
    /// - Parameter key: the Ed25519 key that has signed it.
    /// - Throws: as ``openLog(clock:)``.
    public func postQuantumSigner(beside key: NoteVerifier) throws -> PostQuantumNoteSigner? {
        guard let uri = try pair(of: key).second else { return nil }
        return try PostQuantumNoteSigner(name: configuration.origin, key: MLDSA65SigningKey(uri: uri))
    }

    private func signer() throws -> NoteSigner {
        let isExchanging = try next().map { Files.exists($0.first) } ?? false
        let pair = isExchanging ? try pair(of: TransparencyLog.currentKey(room: paths.root)) : try usable(today)
        let key = try SigningKey(uri: pair.first)
        guard let second = pair.second else { return try NoteSigner(name: configuration.origin, key: key) }
        return try NoteSigner(name: configuration.origin, key: key, postQuantum: MLDSA65SigningKey(uri: second))
    }

    /// Where the keys are that go with an Ed25519 key of the log.
    private func pair(of key: NoteVerifier) throws -> Pair {
        // Today's file is asked first: a crash can leave half a file of the next key, which nobody announced then.
        guard let next = try next(), try !isToday(key), Files.exists(next.first) else { return try usable(today) }
        // The second file is renamed before the first: once it is not there any more, it is in its place.
        let second = next.second.flatMap { Files.exists($0) ? "file:" + $0 : nil }
        return try Pair(first: "file:" + next.first, second: second ?? usable(today).second)
    }

    private func isToday(_ key: NoteVerifier) throws -> Bool {
        try SigningKey(uri: today.first).publicKey == key.publicKey
    }

    /// Without the second key where `room.yaml` names a file for it that the first exchange of keys has yet to make. A file that
    /// was there and is missing is another matter: the log has signed with it.
    private func usable(_ pair: Pair) throws -> Pair {
        guard let second = pair.second, try !Files.exists(KeyURI(second).filePath) else { return pair }
        let published = try SignedNote(
            bytes: Files.read(paths.root + "/log/checkpoint", limit: SignedNote.maximumBytes))
        let isInUse = !published.postQuantumLines(of: configuration.origin).isEmpty
        return isInUse ? pair : Pair(first: pair.first, second: nil)
    }

    // MARK: Exchanging

    /// Paths of the next keys; nil when today's are not in files.
    private func next() throws -> Pair? {
        let today = today
        guard let first = try? KeyURI(today.first).filePath else { return nil }
        return Pair(first: first + ".next", second: try today.second.map { try KeyURI($0).filePath + ".next" })
    }

    /// Makes the next keys, durable beside those of today.
    /// - Throws: `key-uri` where a key is not in a file; `log-keys` when an exchange was interrupted in this very process.
    func makeNext() throws -> NoteSigner {
        _ = try KeyURI(today.first)
        guard let next = try next(), !Files.exists(next.first) else {
            throw RoomError(
                .logKeys, "the exchange of the log's keys before this one has not ended",
                remedy: "close the room and open it again: that ends it")
        }
        let key = try SigningKey.generate(.ed25519)
        guard let path = next.second else {
            try key.write(to: next.first)
            try Files.syncDirectory(Files.parent(of: next.first))
            return try NoteSigner(name: configuration.origin, key: key)
        }
        let second = try MLDSA65SigningKey.generate()
        // The second first: a first one alone would look like one whose second is in its place already.
        try? Files.remove(path)
        try second.write(to: path)
        try Files.syncDirectory(Files.parent(of: path))
        try key.write(to: next.first)
        try Files.syncDirectory(Files.parent(of: next.first))
        return try NoteSigner(name: configuration.origin, key: key, postQuantum: second)
    }

    /// Puts the next keys in the place of the retired ones, which are gone then, or removes them if the log never announced them.
    /// - Parameter key: the log's, which must be beyond doubt: the room's lock is held and the log was opened.
    func settle(_ key: NoteVerifier) throws {
        guard let next = try next(), Files.exists(next.first) || next.second.map(Files.exists) ?? false else { return }
        let today = today
        let isNext = try !isToday(key)
        for (from, to) in [(next.second, today.second), (next.first, today.first)] {
            guard let from, let to, Files.exists(from) else { continue }
            let path = try KeyURI(to).filePath
            if isNext {
                // SAFETY: the strings are passed as NUL-terminated copies for the call only.
                guard unsafe rename(from, path) == 0 else { throw BaseError.system("rename to", path) }
            } else {
                try Files.remove(from)
            }
            // In this order on disk too: see pair(of:).
            try Files.syncDirectory(Files.parent(of: path))
        }
    }
}
