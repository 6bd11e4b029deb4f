// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Sealing
import Testing

@testable import TransparencyLog

/// The log's side against the witness's side, without a network between them.
@Suite("A log that asks a witness")
final class WitnessDialogueTests {
    private let log: NoteSigner
    private let witness: CosignatureSigner

    init() throws {
        log = try NoteSigner(name: "atomic.example/log", key: SigningKey.generate(.ed25519))
        witness = try CosignatureSigner(name: "witness.example/w1", key: SigningKey.generate(.ed25519))
    }

    /// A tree of the log, or of its other history, which has another entry 3.
    private struct History {
        let leaves: [Digest]

        init(_ size: Int, isFork: Bool = false) {
            leaves = (0..<size).map {
                MerkleTree.leafHash(Array("\(isFork && $0 == 3 ? "other" : "entry") \($0)".utf8))
            }
        }

        var root: Digest { MerkleTree.root(of: leaves) }

        func proof(from old: UInt64) throws -> [Digest] {
            var tree = MemoryTree(0)
            var engine = SHA256Engine()
            for leaf in leaves { tree.tree.append(leaf: leaf, engine: &engine, completed: &tree.completed) }
            return try tree.tiled.consistencyPath(from: old)
        }
    }

    private func note(_ history: History) throws -> SignedNote {
        try log.sign(
            Checkpoint(origin: log.verifier.name, size: UInt64(history.leaves.count), root: history.root).text)
    }

    private func answer(_ request: WitnessRequest, latest: History) throws -> WitnessAnswer {
        let machine = WitnessStateMachine(logs: [log.verifier])
        let head = WitnessStateMachine.Head(size: UInt64(latest.leaves.count), root: latest.root)
        do throws(WitnessAnswer) {
            switch WitnessStateMachine.judge(try machine.admit(request.bytes), latest: head) {
            case .refuse(let answer): return answer
            case .cosign(_, let text): return try .signed(signature(over: text))
            }
        } catch {
            return error
        }
    }

    private func signature(over text: [UInt8]) throws(WitnessAnswer) -> SignedNote.Signature {
        do throws(LogError) { return try witness.cosign(text, at: 7) } catch { throw .malformed(error.message) }
    }

    /// Goes on until the dialogue ends.
    /// - Returns: how it ended, and the old sizes that were sent.
    private func talk(_ history: History, known: UInt64 = 0, latest: History) throws -> (WitnessDialogue.Step, [UInt64])
    {
        let note = try note(history)
        var dialogue = try WitnessDialogue(with: witness.verifier, about: note, known: known)
        var step = dialogue.beginning
        var sent: [UInt64] = []
        while case .ask(let old) = step {
            sent.append(old)
            let proof = old == 0 ? [] : try history.proof(from: old)
            step = dialogue.receive(
                try answer(WitnessRequest(oldSize: old, proof: proof, note: note), latest: latest))
        }
        return (step, sent)
    }

    private func kind(_ step: WitnessDialogue.Step) -> WitnessRefusal.Kind? {
        if case .refused(let refusal) = step { refusal.kind } else { nil }
    }

    @Test("A size that is not known is asked for; one that is costs no second request")
    func sizes() throws {
        for (known, latest, expected) in [
            (0, 0, [0]), (0, 6, [0, 6]), (6, 6, [6]), (4, 6, [4, 6]), (10, 10, [10]), (99, 6, [10, 6]),
        ] {
            let (step, sent) = try talk(History(10), known: UInt64(known), latest: History(latest))
            guard case .signed(let cosignature) = step else {
                Issue.record("known \(known), latest \(latest): \(step)")
                continue
            }
            #expect(cosignature.witness == witness.verifier)
            #expect(cosignature.timestamp == 7)
            #expect(sent == expected.map { UInt64($0) })
        }
    }

    @Test("Rollback and split view are told apart")
    func histories() throws {
        #expect(try kind(talk(History(6), latest: History(10)).0) == .longerHistory(10))
        #expect(try kind(talk(History(10, isFork: true), latest: History(6)).0) == .otherHistory)
        #expect(try kind(talk(History(10, isFork: true), latest: History(10)).0) == .otherHistory)
        #expect(try kind(talk(History(10, isFork: true), known: 10, latest: History(10)).0) == .otherHistory)
        #expect(try kind(talk(History(6, isFork: true), latest: History(10)).0) == .longerHistory(10))
        // The positive control: before the histories part, they are one.
        #expect(try kind(talk(History(10, isFork: true), latest: History(3)).0) == nil)
    }

    @Test("What is no answer ends the dialogue")
    func strangers() throws {
        let note = try note(History(10))
        func first(_ answer: WitnessAnswer) throws -> WitnessRefusal.Kind? {
            var dialogue = try WitnessDialogue(with: witness.verifier, about: note)
            return kind(dialogue.receive(answer))
        }
        func plain(_ status: Int, _ body: String = "") -> WitnessAnswer {
            .init(status: status, body: Array(body.utf8))
        }
        #expect(try first(plain(200)) == .unintelligible)
        #expect(try first(plain(200, "hello\n")) == .unintelligible)
        #expect(try first(.signed(try witness.cosign(try self.note(History(9)).text, at: 7))) == .unintelligible)
        let stranger = try CosignatureSigner(name: "witness.example/w1", key: SigningKey.generate(.ed25519))
        #expect(try first(.signed(try stranger.cosign(note.text, at: 7))) == .unintelligible)
        #expect(try first(plain(409, "5\n")) == .unintelligible)
        #expect(try first(.conflict(0)) == .unavailable)
        #expect(try first(plain(400)) == .unintelligible)
        #expect(try first(plain(403)) == .notTrusted)
        #expect(try first(plain(404)) == .notTrusted)
        #expect(try first(plain(302)) == .unintelligible)
        #expect(try first(plain(500)) == .unavailable)
        #expect(try first(.signed(try witness.cosign(note.text, at: 7))) == nil)

        // One that names a new size each time is not followed for ever.
        var dialogue = try WitnessDialogue(with: witness.verifier, about: note)
        var asked = 0
        var step = dialogue.beginning
        while case .ask = step, asked < 20 {
            asked += 1
            step = dialogue.receive(.conflict(UInt64(asked % 2 + 1)))
        }
        #expect(kind(step) == .unavailable)
        #expect(asked < 6)
    }
}
