// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
public import TransparencyLog

/// What a witness keeps: `witness.json` with its verifier key, and per log the checkpoint that it cosigned last.
///
/// Each checkpoint is kept with the witness's own cosignature, so a file that was altered or torn is noticed when it is
/// read. A directory is made once, by `atomic witness init`: a witness that began anew in an empty directory would sign a
/// history that it had refused before.
public struct WitnessDirectory: Sendable {
    private struct Configuration: Codable {
        var v: Int
        var vkey: String
    }

    let root: String
    /// The witness.
    public let verifier: CosignatureVerifier

    /// A checkpoint that the witness signed last.
    public struct Kept: Sendable {
        /// The text.
        public let checkpoint: Checkpoint
        /// Seconds since 1970.
        public let timestamp: UInt64
    }

    /// Opens the directory of a witness.
    /// - Throws: `no-witness`, `damaged`.
    public init(opening root: String) throws {
        self.root = root
        let path = Self.configuration(root)
        guard Files.exists(path) else {
            throw WitnessError(
                .missing, "\(root) holds no witness", remedy: "make one with: atomic witness init --state \(root)",
                exit: .usage)
        }
        do {
            let configuration = try CanonicalJSON.decodeRelaxed(
                Configuration.self, from: Files.read(path, limit: 4_096))
            verifier = try CosignatureVerifier(vkey: configuration.vkey)
        } catch let error as any ExplainedError {
            throw WitnessError.damaged(error.message, path)
        }
    }

    /// Makes the directory of a new witness.
    /// - Throws: `witness-exists`, `io`.
    public static func create(_ root: String, verifier: CosignatureVerifier) throws {
        let path = configuration(root)
        try Files.createDirectory(root, mode: 0o700)
        guard !Files.exists(path), try Files.list(root).isEmpty else {
            throw WitnessError(
                .exists, "\(root) is not empty", remedy: "choose another directory: each witness has its own",
                exit: .usage)
        }
        try Files.createDirectory(root + "/logs", mode: 0o700)
        try Files.writeDurably(CanonicalJSON.encode(Configuration(v: 1, vkey: verifier.vkey)) + [0x0a], to: path)
    }

    /// The checkpoint signed last of every log, by origin.
    /// - Throws: `damaged` when one of them is not as it was written.
    public func kept() throws -> [Kept] {
        let directory = root + "/logs"
        guard Files.isDirectory(directory) else { throw WitnessError.damaged("the directory is missing", directory) }
        return try Files.list(directory).filter { !$0.hasSuffix(".tmp") }.map { name in
            let path = directory + "/" + name
            do {
                let note = try SignedNote(bytes: Files.read(path, limit: SignedNote.maximumBytes))
                let checkpoint = try Checkpoint(text: note.text)
                guard let own = try note.cosignatures(by: [verifier]).first else {
                    throw WitnessError.damaged("the witness's own signature is missing", path)
                }
                guard Self.name(checkpoint.origin) == name else {
                    throw WitnessError.damaged(
                        "it is of the log \(checkpoint.origin), whose file has another name", path)
                }
                return Kept(checkpoint: checkpoint, timestamp: own.timestamp)
            } catch let error as WitnessError {
                throw error
            } catch let error as any ExplainedError {
                throw WitnessError.damaged(error.message, path)
            }
        }.sorted { $0.checkpoint.origin < $1.checkpoint.origin }
    }

    /// Keeps a cosigned checkpoint; durable on return.
    func keep(_ note: SignedNote, origin: String) throws(BaseError) {
        try Files.writeDurably(note.bytes, to: root + "/logs/" + Self.name(origin), mode: 0o600)
    }

    /// Takes the right to answer for this witness; let go of when the process ends.
    func lock() throws -> OwnedFD {
        let path = root + "/lock"
        let file = try Files.open(path, O_RDWR | O_CREAT, mode: 0o600)
        while flock(file.raw, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            throw WitnessError(
                .locked, "another process serves the witness in \(root)",
                remedy: "stop it first: two would sign two histories", exit: .tryAgain)
        }
        return file
    }

    /// Removes what a crash left half written.
    func sweep() throws(BaseError) {
        for name in try Files.list(root + "/logs") where name.hasSuffix(".tmp") {
            try Files.remove(root + "/logs/" + name)
        }
    }

    private static func configuration(_ root: String) -> String { root + "/witness.json" }

    /// An origin may hold anything; a file name may not.
    private static func name(_ origin: String) -> String { Digest.sha256(Array(origin.utf8)).hex }
}
