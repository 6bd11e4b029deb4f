// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Sealing

/// `atomic keygen`: an identity to open sealed files, or a key to sign with.
struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key: to open sealed files, or to sign.",
        discussion: """
            x25519 makes an age identity file as age-keygen does and prints its
            recipient (age1…). ed25519 and p384 make a PKCS#8 PEM for labels, policies
            and statements and print the public key. The file has mode 0600 and is
            never overwritten.

            Example:
              atomic keygen -o requester.key
              atomic keygen --type ed25519 -o owner.key
            """)

    /// What `--type` may say.
    enum KeyType: String, ExpressibleByArgument, CaseIterable {
        case x25519, ed25519, p384, pq, p256
    }

    @Option(help: "x25519 (default), ed25519 or p384; pq and p256 are not in this version.")
    var type: KeyType = .x25519

    @Option(name: .customLong("in"), help: "Where a hardware key shall live: pkcs11:… or tpm:… (not in this version).")
    var location: String?

    @Option(name: [.short, .long], help: "The file to make.")
    var output: String

    @OptionGroup var options: CommandOptions

    /// What `--json` prints.
    private struct Report: Encodable {
        let type: String
        let file: String
        let recipient: String?
        let publicKey: String?
        let keyID: String?

        enum CodingKeys: String, CodingKey {
            case type, file, recipient, publicKey
            case keyID = "keyId"
        }
    }

    func run() throws {
        if let location {
            _ = try KeyURI(location)
            throw ValidationError("--in is for keys in hardware; a file key goes where -o says")
        }
        guard output != "-" else { throw ValidationError("a private key goes to a file, not to standard output") }
        switch type {
        case .x25519:
            let identity = try AgeIdentity.generate()
            try identity.write(to: output, created: SystemClock.real.wall())
            try report(recipient: identity.recipient.string, nil)
        case .ed25519:
            try sign(.ed25519)
        case .p384:
            try sign(.p384)
        case .pq, .p256:
            throw SealingError(
                .key, "keys of type \(type.rawValue) are not in this version", remedy: "use --type x25519",
                exit: .usage)
        }
    }

    private func sign(_ algorithm: PublicKey.Algorithm) throws {
        let key = try SigningKey.generate(algorithm)
        try key.write(to: output)
        try report(recipient: nil, key.publicKey)
    }

    private func report(recipient: String?, _ key: PublicKey?) throws {
        if options.json {
            try Console.json(
                Report(
                    type: type.rawValue, file: output, recipient: recipient, publicKey: key?.description,
                    keyID: key?.keyID))
        } else {
            try Console.line(recipient ?? key?.description ?? "")
        }
    }
}
