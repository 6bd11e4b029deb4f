// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import AuditBundle
internal import RoomStore
internal import Sealing
internal import SovereignPolicy
internal import Synchronization

/// Turns what a job names into sealed, labelled inputs: cleartext is sealed first, labels are checked always.
struct InputIntake {
    let room: Room
    let policy: SovereignPolicy
    let progress: (JobProgress) -> Void
    /// Key URI of the data owner, from the command line or `room.yaml`.
    let owner: String?

    /// Ciphertext larger than this is refused; a message is far below it.
    static let maximumBytes = 64 << 20

    func take(_ file: JobFile, relativeTo directory: String) throws -> SealedInputs {
        let paths: [String]
        let names: [String]
        switch file.input {
        case .sealed(let patterns):
            paths = try FilePatterns.expand(patterns, in: directory)
            names = paths.map(Files.name(of:)).map { $0.hasSuffix(".age") ? String($0.dropLast(4)) : $0 }
        case .files(let patterns):
            let found = try FilePatterns.expand(patterns, in: directory)
            paths = try seal(found, for: file)
            names = found.map(Files.name(of:))
        }
        guard paths.count <= 9_999 else {
            throw RoomError(.input, "\(paths.count) inputs, a job may have 9999", exit: .usage)
        }
        var ciphertexts: [Digest: String] = [:]
        var sealed: [(digest: Digest, bytes: Int64)] = []
        for (index, path) in paths.enumerated() {
            let bytes = try Files.read(path, limit: Self.maximumBytes)
            sealed.append((Digest.sha256(bytes), Int64(bytes.count)))
            guard ciphertexts.updateValue(path, forKey: sealed[index].digest) == nil else {
                throw RoomError(.input, "\(names[index]) is the same ciphertext as another input", exit: .usage)
            }
        }
        var purposes: Set<String>?
        var items: [Record.Inputs.Item] = []
        var labels: [[UInt8]] = []
        for (index, path) in paths.enumerated() {
            let (digest, bytes) = sealed[index]
            let label: (bytes: [UInt8], label: VerifiedLabel)?
            do {
                label = try self.label(of: path, digest)
            } catch let error as SealingError {
                let job = try JobRequest.digest(of: file, inputs: sealed.map(\.digest), policy: policy.sequence)
                try room.record(Event.JobDenied(digest: job, code: error.codeName, decisions: []))
                throw SealingError(
                    error.code, "\(names[index]): \(error.message)", remedy: error.remedy, exit: error.exit,
                    cause: error)
            }
            if let label {
                labels.append(label.bytes)
                purposes = purposes?.intersection(label.label.purposes) ?? Set(label.label.purposes)
            }
            items.append(
                .init(
                    index: Int64(index), name: names[index], digest: digest, bytes: bytes,
                    label: label.map { Digest.sha256($0.bytes) }, serial: label?.label.serial,
                    class: label?.label.class ?? policy.top, owner: label?.label.owner))
        }
        try room.records.put(all: labels)
        let salt = try InputStore(room: room).salt(of: items)
        return SealedInputs(
            inputs: Record.Inputs(items: items, salt: salt), ciphertexts: ciphertexts, purposes: purposes)
    }

    /// Seals cleartext files to the room and labels them in the owner's name; files that were sealed before are found.
    private func seal(_ paths: [String], for file: JobFile) throws -> [String] {
        let store = try InputStore(room: room)
        let recipient = try AgeRecipient(room.configuration.recipient)
        let labeller: Labeller?
        do {
            labeller = try owner.map { try Labeller(uri: $0, policy: policy, room: room) }
        } catch let error as RoomError where error.exit == .denied {
            throw try JobRequest.deny(file, code: "owner", error, policy: policy.sequence, in: room)
        }
        let context = [file.dataClass, file.purpose, labeller?.keyID ?? ""]
        var sealed: [String] = []
        var copies: [String: Int] = [:]
        for path in paths {
            let cleartext = SecretBytes(copying: try Files.read(path, limit: Self.maximumBytes))
            // SAFETY: the copy lives for this step only; the file it came from is cleartext on this machine anyway.
            let bytes = unsafe cleartext.withBytes { unsafe Array($0) }
            let first = store.path(cleartext: bytes, context: context)
            // Two files may say the same: each is an input of its own, with a ciphertext of its own.
            let copy = copies[first, default: 0]
            copies[first] = copy + 1
            let place = copy == 0 ? first : store.path(cleartext: bytes, context: context + ["copy \(copy)"])
            let isThere = try room.intake.withLock { _ in
                guard try isIntact(place, labeller: labeller) else { return false }
                try Files.setModified(place, to: room.clock.wall())
                return true
            }
            if !isThere {
                let ciphertext = try Age.encrypt(cleartext, recipients: [recipient])
                if let labeller {
                    try Files.writeVisibly(ciphertext, to: place, mode: 0o600)
                    let label = try labeller.label(
                        ciphertext: .sha256(ciphertext), name: Files.name(of: place), class: file.dataClass,
                        purposes: [file.purpose])
                    try Files.writeVisibly(label, to: place + Label.suffix, mode: 0o600)
                } else {
                    // Without a label nothing would show later that a crash left half of it.
                    try Files.writeDurably(ciphertext, to: place, mode: 0o600)
                }
            }
            sealed.append(place)
        }
        try Files.syncFileSystem(of: store.directory)
        progress(.sealed(count: sealed.count))
        return sealed
    }

    /// Whether an earlier run left this input whole and its label is still good.
    private func isIntact(_ place: String, labeller: Labeller?) throws -> Bool {
        guard Files.exists(place) else { return false }
        guard let labeller else { return true }
        let digest = Digest.sha256(try Files.read(place, limit: Self.maximumBytes))
        guard let bytes = try? Files.read(place + Label.suffix, limit: Label.sizeLimit) else { return false }
        do {
            _ = try Label.check(
                file: bytes, ciphertext: digest, room: room.configuration.origin, owners: labeller.owners,
                now: room.clock.wall(), highestSerial: nil)
            return true
        } catch {
            return false
        }
    }

    private func label(of path: String, _ digest: Digest) throws -> (bytes: [UInt8], label: VerifiedLabel)? {
        let place = path + Label.suffix
        guard Files.exists(place) else { return nil }
        let bytes = try Files.read(place, limit: Label.sizeLimit)
        let label = try Label.check(
            file: bytes, ciphertext: digest, room: room.configuration.origin,
            recipient: AgeRecipient(room.configuration.recipient), owners: policy.owners, now: room.clock.wall(),
            highestSerial: room.store.highestSerial(digest))
        return (bytes, label)
    }
}

/// What a job works on: sealed, labelled, and where it lies.
struct SealedInputs {
    let inputs: Record.Inputs
    /// Ciphertext files by their digest.
    let ciphertexts: [Digest: String]
    /// What every label allows; nil when nothing is labelled.
    let purposes: Set<String>?
}

extension SovereignPolicy {
    /// The data owners: keys of the authority with the role `data-owner`, by their ids.
    var owners: [String: PublicKey] {
        Dictionary(
            authority.keys.filter { $0.role == "data-owner" }.map { ($0.id, $0.key) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// Labels data in the name of an owner whose key this machine holds.
final class Labeller {
    private let key: SigningKey
    private let owner: String
    private let room: String
    private let policy: SovereignPolicy
    private let clock: SystemClock
    let owners: [String: PublicKey]
    let keyID: String

    init(uri: String, policy: SovereignPolicy, room: Room) throws {
        let key = try SigningKey(uri: uri)
        let publicKey = key.publicKey
        guard
            let member = policy.authority.keys.first(where: { $0.role == "data-owner" && $0.key == publicKey })
        else {
            throw RoomError(
                .input, "the owner key \(uri) is not a data owner of the policy",
                remedy: "use the key of one of: "
                    + policy.authority.keys.filter { $0.role == "data-owner" }.map(\.id).joined(separator: ", "),
                exit: .denied)
        }
        self.key = key
        owner = member.id
        self.room = room.configuration.origin
        self.policy = policy
        clock = room.clock
        owners = policy.owners
        keyID = publicKey.keyID
    }

    private func retention(class name: String) -> String {
        guard let limit = policy.retention(of: name).inputs else { return "30d" }
        return "\(limit.value / 1_000_000)ms"
    }

    func label(ciphertext: Digest, name: String, class: String, purposes: [String]) throws -> [UInt8] {
        let now = clock.wall()
        let year: Int64 = 365 * 86_400 * 1_000_000_000
        return try Label.sign(
            LabelPredicate(
                class: `class`, purposes: purposes, owner: owner, serial: 1, room: room, notBefore: now,
                expires: WallTime(nanoseconds: now.nanoseconds + year), retention: retention(class: `class`),
                salt: Label.newSalt()),
            ciphertext: ciphertext, name: name, by: key)
    }
}
