// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// What a supervisor asks its courier to carry: one line of JSON, with any number of calls that are made at the same time.
public struct CourierErrand: Codable, Equatable, Sendable {
    /// Longest line in either direction, in bytes.
    public static let maximumLine = 4 << 20

    /// The calls.
    public var calls: [CourierCall]
    /// How long each may take, in milliseconds.
    public var timeoutMs: Int

    /// An errand.
    public init(calls: [CourierCall], timeoutMs: Int) {
        self.calls = calls
        self.timeoutMs = timeoutMs
    }
}

/// One HTTP POST.
public struct CourierCall: Codable, Equatable, Sendable {
    /// One of the URLs that the courier was started with.
    public var url: String
    /// The body in base64.
    public var body: String

    /// A call.
    public init(url: String, body: [UInt8]) {
        self.url = url
        self.body = Base64.encode(body)
    }
}

/// What came of a call: an answer of the other side, or a trouble on the way.
public struct CourierAnswer: Codable, Equatable, Sendable {
    /// Largest body that is brought back, in bytes.
    public static let maximumBytes = 256 << 10

    /// HTTP status; absent after a trouble.
    public var status: Int?
    /// Media type, without parameters, in lower case.
    public var contentType: String?
    /// The body in base64.
    public var body: String?
    /// What happened instead, for a person.
    public var trouble: String?

    /// The other side answered.
    public init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = Base64.encode(body)
    }

    /// Nobody answered.
    public init(trouble: String) { self.trouble = trouble }
}

/// Answers in the order of the calls.
public struct CourierReturn: Codable, Equatable, Sendable {
    /// The answers.
    public var answers: [CourierAnswer]

    /// A courier's return.
    public init(answers: [CourierAnswer]) { self.answers = answers }
}
