// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// What can go wrong with sealed files, keys, signatures and labels.
public enum SealingDomain: FailureDomain {
    public static let name = "sealing"
    public static let exit = ExitStatus.failed
}

/// An error of this room; equal on its code.
public typealias SealingError = Failure<SealingDomain>

/// The codes of age files are a contract (`header hmac no-match payload armor`): people script against them.
extension Failure.Code where Domain == SealingDomain {
    /// The age header breaks the grammar of c2sp.org/age, or a stanza addressed to X25519 is malformed.
    public static var header: Self { "header" }
    /// The file key was unwrapped but the header's MAC does not match: somebody edited the header.
    public static var hmac: Self { "hmac" }
    /// No stanza of the file can be unwrapped with the given identities.
    public static var noMatch: Self { "no-match" }
    /// A chunk of the payload is missing, out of place, altered or truncated.
    public static var payload: Self { "payload" }
    /// The ASCII armor is not the one strict encoding of its content.
    public static var armor: Self { "armor" }
    /// A recipient, identity, signing key or public key is malformed or of an unsupported type.
    public static var key: Self { "key" }
    /// A key URI names a scheme that this version does not have.
    public static var keyURI: Self { "key-uri" }
    /// A DSSE envelope is malformed.
    public static var envelope: Self { "envelope" }
    /// A signature is missing, by an unknown key, or does not verify.
    public static var signature: Self { "signature" }
    /// The signed statement is not an in-toto Statement v1 of the expected predicate.
    public static var statement: Self { "statement" }
    /// The label speaks of another ciphertext.
    public static var labelSubject: Self { "label-subject" }
    /// The label names an owner that the room does not know, or is signed by another key than the owner's.
    public static var labelOwner: Self { "label-owner" }
    /// The label was made for another room.
    public static var labelRoom: Self { "label-room" }
    /// The label's `notBefore` has not come yet.
    public static var labelNotYetValid: Self { "label-not-yet-valid" }
    /// The label's `expires` has passed.
    public static var labelExpired: Self { "label-expired" }
    /// The label's serial is below the highest that the room has seen for this ciphertext.
    public static var labelReplayed: Self { "label-replayed" }
    /// The plaintext is larger than the caller allows.
    public static var tooLarge: Self { "too-large" }
    /// A system call on a file or memory file failed.
    public static var io: Self { "io" }
    /// OpenSSL refused an operation that cannot fail on valid input: memory, entropy, or a damaged library.
    public static var crypto: Self { "crypto" }
}
