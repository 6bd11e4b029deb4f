// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What an error of any room can tell a person and a program.
public protocol ExplainedError: Error, CustomStringConvertible {
    /// Stable machine name, for example `hmac`.
    var codeName: String { get }
    /// One line: what happened, with the object and errno text where there is one. Never content of an input.
    var message: String { get }
    /// One line: what to do about it.
    var remedy: String { get }
    /// The exit code of a program that ends with this error.
    var exit: ExitStatus { get }
}

extension ExplainedError {
    public var description: String { "\(message) (\(codeName)); \(remedy)" }
}

/// Names a room whose errors are `Failure<ThatRoom>`.
public protocol FailureDomain: Sendable {
    /// The room's name as it appears in diagnostics.
    static var name: String { get }
    /// The exit code of its errors unless one says otherwise.
    static var exit: ExitStatus { get }
}

/// An error with an open code, a message that says what, a remedy that says what to do, and a cause.
///
/// Two failures are equal when their codes are: tests and callers decide on codes, people read messages.
public struct Failure<Domain: FailureDomain>: ExplainedError, Equatable {
    /// One code per failing step. Open: a room adds its own as static members.
    public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { self.rawValue = value }
        public var description: String { rawValue }
    }

    public let code: Code
    public let message: String
    public let remedy: String
    public let exit: ExitStatus
    public let cause: (any Error)?

    public init(
        _ code: Code, _ message: String, remedy: String, exit: ExitStatus? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.exit = exit ?? Domain.exit
        self.cause = cause
    }

    public var codeName: String { code.rawValue }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

/// Errors of the ground floor: bytes, files, JSON.
public enum BaseDomain: FailureDomain {
    public static let name = "base"
    public static let exit = ExitStatus.failed
}

public typealias BaseError = Failure<BaseDomain>

extension BaseError.Code {
    /// A system call failed; the message has the call, the object and errno.
    public static var io: Self { "io" }
    /// The file or directory does not exist.
    public static var notFound: Self { "not-found" }
    /// The file is larger than the caller allows.
    public static var tooLarge: Self { "too-large" }
    /// No space is left on the device (ENOSPC or EDQUOT).
    public static var diskFull: Self { "disk-full" }
    /// Whoever read the other end of a pipe or socket is gone (EPIPE).
    public static var readerGone: Self { "reader-gone" }
    /// The bytes are not the JSON that is expected.
    public static var json: Self { "json" }
    /// A value is not in the form its type prescribes.
    public static var format: Self { "format" }
}
