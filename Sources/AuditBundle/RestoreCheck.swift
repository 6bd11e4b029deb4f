// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// Restores: each is a statement that a trusted quorum signed, about the log as it was then; and nothing was permitted before the newest
/// policy that was lost was in force again.
enum RestoreCheck {
    /// The statements and their signers.
    /// - Throws: `policy`.
    /// - Returns: how many there were.
    static func signatures(_ story: Story) throws(BundleError) -> Int {
        var count = 0
        for read in story.log.entries {
            guard case .roomRestored(let event) = read.event else { continue }
            count += 1
            let policy = try story.policy(at: read.entry, .policy).policy
            do throws(PolicyError) {
                let examined = try RestoreEnvelope.examine(
                    Array(event.statement.utf8), room: story.room.origin, policy: policy,
                    trusted: story.trustedKeys(of: policy))
                let statement = examined.statement
                guard statement.reason == event.reason, examined.signers.map(\.keyID).sorted() == event.signers,
                    UInt64(clamping: statement.backup.size) <= read.seq
                else { throw PolicyError("payload", "it says something else than its statement", remedy: "") }
                try checkHistory(statement, lost: statement.lostHeads(signedBy: story.log.keys), story)
            } catch {
                throw .failed(.policy, "entry \(read.seq) (\(read.entry.type)): \(error.message)", cause: error)
            }
        }
        return count
    }

    /// Where the bundle has the log from its beginning, the copy is what the statement says, and what was lost is not in it.
    private static func checkHistory(
        _ statement: RestoreStatement, lost: [Checkpoint], _ story: Story
    ) throws(PolicyError) {
        guard story.log.entries.first?.seq == 0, let size = Int(exactly: statement.backup.size),
            size <= story.log.entries.count
        else { return }
        var leaves: [Digest] = []
        do throws(BaseError) {
            for read in story.log.entries.prefix(size) {
                leaves.append(MerkleTree.leafHash(try CanonicalJSON.encode(read.entry)))
            }
        } catch {
            throw PolicyError("other-history", error.message, remedy: error.remedy, cause: error)
        }
        guard MerkleTree.root(of: leaves) == statement.backup.root else {
            throw PolicyError("other-history", "the log of \(size) entries has another root", remedy: "")
        }
        for head in lost
        where head.size <= UInt64(size) && MerkleTree.root(of: leaves.prefix(Int(head.size))) == head.root {
            throw PolicyError(
                "lost", "the checkpoint of \(head.size) entries is of this log: it was not lost", remedy: "")
        }
    }

    /// Nothing is permitted from the copy to its restore, nor between that and the policy that it waits for.
    /// - Throws: `state`.
    static func standstill(_ story: Story) throws(BundleError) {
        var lastPermission: UInt64?
        var awaited: StatedPolicy?
        for read in story.log.entries {
            switch read.event {
            case .roomRestored(let event):
                guard let statement = try? RestoreEnvelope.inspect(Array(event.statement.utf8)).statement else {
                    throw .failed(.state, "entry \(read.seq) (\(read.entry.type)) holds no restore")
                }
                if let last = lastPermission, last >= UInt64(clamping: statement.backup.size) {
                    throw .failed(
                        .state,
                        "entry \(read.seq) restores a copy of \(statement.backup.size) entries, and entry \(last) "
                            + "permitted something since")
                }
                awaited = statement.newest
            case .policyAccepted(let event):
                guard let waited = awaited, event.sequence == waited.sequence else { continue }
                guard event.digest == waited.digest else {
                    throw .failed(
                        .state, "entry \(read.seq) accepts another policy \(event.sequence) than the one that was lost")
                }
                awaited = nil
            default:
                guard Event.isPermission(read.entry.type) else { continue }
                if let awaited {
                    throw .failed(
                        .state,
                        "entry \(read.seq) (\(read.entry.type)): the room had to wait for policy \(awaited.sequence)")
                }
                lastPermission = read.seq
            }
        }
    }
}
