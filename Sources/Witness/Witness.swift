// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Sealing
internal import Synchronization
public import TransparencyLog

/// A witness that answers: the state machine over a directory that remembers, one request of a log at a time.
public final class Witness: Sendable {
    private let directory: WitnessDirectory
    private let machine: WitnessStateMachine
    private let signer: CosignatureSigner
    private let clock: SystemClock
    private let lock: OwnedFD
    /// Held from looking at a head until its successor is on disk, so that no two requests judge the same head.
    private let heads: Mutex<[String: WitnessStateMachine.Head]>

    /// Opens a witness for answering.
    ///
    /// - Parameters:
    ///   - root: the directory that `create` made.
    ///   - key: URI of the witness's private key.
    ///   - logs: the keys of the logs that it watches.
    /// - Throws: `no-witness`, `damaged`, `locked`, `key`, `no-log`; errors of the key's file.
    public init(opening root: String, key: String, logs: [NoteVerifier], clock: SystemClock = .real) throws {
        guard !logs.isEmpty else {
            throw WitnessError(
                .noLog, "a witness without a log has nothing to sign", remedy: "name one with: --log VKEY", exit: .usage
            )
        }
        directory = try WitnessDirectory(opening: root)
        signer = try CosignatureSigner(name: directory.verifier.name, key: SigningKey(uri: key))
        guard signer.verifier == directory.verifier else {
            throw WitnessError(
                .key, "\(key) is not the key of the witness \(directory.verifier.name) in \(root)",
                remedy: "give the key that it was made with, whose verifier key is in witness.json", exit: .unverified)
        }
        lock = try directory.lock()
        try directory.sweep()
        heads = Mutex(
            Dictionary(
                try directory.kept().map { kept in
                    (kept.checkpoint.origin, .init(size: kept.checkpoint.size, root: kept.checkpoint.root))
                }, uniquingKeysWith: { first, _ in first }))
        machine = WitnessStateMachine(logs: logs)
        self.clock = clock
    }

    /// Makes a new witness and, where the file does not exist, its key.
    /// - Returns: the verifier key that logs and their readers configure.
    /// - Throws: `witness-exists`; `note` for a name that cannot be one; errors of the key's file.
    public static func create(at root: String, name: String, key: String) throws -> CosignatureVerifier {
        let path = try KeyURI(key).filePath
        if !Files.exists(path) {
            let fresh = try SigningKey.generate(.ed25519)
            // Before the file: a name that is none leaves nothing behind.
            _ = try CosignatureVerifier(name: name, publicKey: fresh.publicKey)
            try fresh.write(to: path)
        }
        let verifier = try CosignatureSigner(name: name, key: SigningKey(uri: key)).verifier
        try WitnessDirectory.create(root, verifier: verifier)
        return verifier
    }

    /// Who this witness is.
    public var verifier: CosignatureVerifier { directory.verifier }

    /// Answers one `add-checkpoint` body. What it signed is on disk before this returns.
    /// - Throws: `io`, `disk-full` when the disk does not take what was signed: then nobody gets the signature.
    public func answer(_ body: [UInt8]) throws -> WitnessAnswer {
        let admitted: WitnessStateMachine.Admitted
        do throws(WitnessAnswer) {
            admitted = try machine.admit(body)
        } catch {
            return error
        }
        return try heads.withLock { heads in
            switch WitnessStateMachine.judge(admitted, latest: heads[admitted.origin] ?? .none) {
            case .refuse(let answer): return answer
            case .cosign(let head, let text):
                let now = UInt64(max(0, clock.wall().nanoseconds / 1_000_000_000))
                let signature = try signer.cosign(text, at: now)
                try directory.keep(SignedNote(text: text, signature: signature), origin: admitted.origin)
                heads[admitted.origin] = head
                return .signed(signature)
            }
        }
    }
}
