// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Sealing
internal import SovereignPolicy
internal import TransparencyLog

/// Labels: the class of every input is its owner's word, and the job's class is their join.
enum LabelCheck {
    /// - Throws: `label`.
    static func verify(_ story: Story) throws(BundleError) -> Examination.Finding {
        var files = Dictionary(uniqueKeysWithValues: story.bundle.files(in: "labels/"))
        let owners = Dictionary(uniqueKeysWithValues: story.trust.owners.map { ($0.id, $0.key) })
        let recipient = recipient(of: story)
        var signers: Set<String> = []
        var labelled = 0
        var seen: Set<String> = []
        for job in story.jobs.values.sorted(by: { $0.entry.seq < $1.entry.seq }) {
            let policy = try story.policy(at: job.entry, .label)
            for item in job.inputs.items {
                guard let digest = item.label else {
                    guard item.class == policy.policy.top, item.owner == nil, item.serial == nil else {
                        throw .failed(.label, "input \(item.index) of \(job.id) is \(item.class) without a label")
                    }
                    continue
                }
                // The second name is for a ciphertext that its owner labelled again between two jobs.
                let names = ["\(item.digest.hex).label", "\(item.digest.hex).\(digest.hex.prefix(16)).label"]
                guard let name = names.first(where: { files[$0].map { Digest.sha256($0) } == digest }),
                    let file = files[name]
                else {
                    throw .failed(
                        .label, "labels/\(names[0]) is missing or not the one that \(job.id) was accepted with")
                }
                seen.insert(name)
                labelled += 1
                let label: VerifiedLabel
                do throws(SealingError) {
                    label = try Label.check(
                        file: file, ciphertext: item.digest, room: story.room.origin, recipient: recipient,
                        owners: owners, now: job.entry.wall, highestSerial: nil)
                } catch {
                    throw .failed(.label, "labels/\(name): \(error.message)", cause: error)
                }
                guard label.class == item.class, label.owner == item.owner, label.serial == item.serial else {
                    throw .failed(
                        .label, "input \(item.index) of \(job.id) was taken for something else than its label says")
                }
                guard label.purposes.contains(job.accepted.purpose) else {
                    throw .failed(
                        .label, "the label of input \(item.index) of \(job.id) does not allow \(job.accepted.purpose)")
                }
                signers.insert("owner \(label.owner) \(label.key.keyID.prefix(16))")
            }
            let expected = DataLabel(
                class: policy.policy.join(job.inputs.items.map(\.class)), owners: job.inputs.items.compactMap(\.owner))
            guard job.entry.label == expected else {
                throw .failed(.label, "the class of \(job.id) is not the join of its labels, \(expected.class)")
            }
        }
        for name in seen { files[name] = nil }
        if let stray = files.keys.min() { throw .failed(.label, "labels/\(stray) is of no input") }
        return .init(
            says: "\(labelled) labels by trusted owners; each job has the join of their classes",
            signedBy: signers.sorted())
    }

    private static func recipient(of story: Story) -> AgeRecipient? {
        guard let bytes = story.bundle[RoomStatement.memberName],
            let statement = try? CanonicalJSON.decode(RoomStatement.self, from: bytes)
        else { return nil }
        return try? AgeRecipient(statement.recipient)
    }
}
