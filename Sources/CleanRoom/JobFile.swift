// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import PolicyFile

/// `job.yaml`: what a requester asks for. Who gets the answer is the policy's business, not the job's.
public struct JobFile: Sendable, Equatable {
    public static let version = "atomic/job/v1"

    public enum Input: Sendable, Equatable {
        /// Cleartext files beside the job, sealed on this machine before anything else happens.
        case files([String])
        /// Sealed files with their labels.
        case sealed([String])
    }

    public let task: String
    /// File name patterns, relative to the job file's directory.
    public let input: Input
    public let dataClass: String
    public let purpose: String
    public let requester: String
    public let budget: Money
    public let currency: String
    /// Nanoseconds.
    public let wall: Int64
    /// Relative to the requester's working directory, until a ``JobOrder`` makes it absolute.
    public internal(set) var outputDirectory: String
    /// The file's bytes, which the job's digest covers.
    public let bytes: [UInt8]

    public init(bytes: [UInt8], file: String) throws {
        self.bytes = bytes
        let top = try YAMLNode.read(bytes, file: file).mapping()
        _ = try top.required("apiVersion").oneOf([Self.version])
        task = try top.required("task").string()
        let input = try top.required("input").mapping()
        let files = try input.optional("files")?.oneOrMany().map { node throws(PolicyFileError) in try node.string() }
        let sealed = try input.optional("sealed")?.oneOrMany().map { node throws(PolicyFileError) in try node.string() }
        switch (files, sealed) {
        case (let files?, nil): self.input = .files(files)
        case (nil, let sealed?): self.input = .sealed(sealed)
        default:
            throw input.place.refusing(
                "value", found: "this input", allowed: "either files: or sealed:, a list of file patterns")
        }
        try input.finish()
        dataClass = try top.required("class").string()
        purpose = try top.required("purpose").string()
        requester = try top.required("requester").string()
        let budget = try top.required("budget").mapping()
        let costNode = try budget.required("cost")
        let amount: (amount: Money, currency: String)
        let text = try costNode.string()
        do throws(BaseError) {
            amount = try Money.parse(text)
        } catch {
            throw costNode.refusing("value", allowed: error.remedy)
        }
        self.budget = amount.amount
        currency = amount.currency
        let wallNode = try budget.required("wall")
        guard let wall = Durations.parse(try wallNode.string()), wall > 0 else {
            throw wallNode.refusing("value", allowed: "a whole number and ms, s, m, h or d, such as 30s")
        }
        self.wall = wall
        try budget.finish()
        let output = try top.required("output").mapping()
        outputDirectory = try output.required("dir").string()
        if let seal = output.optional("seal"), try !seal.boolean() {
            throw seal.refusing(
                "value", found: "false", allowed: "true: answers leave the room sealed to the requester")
        }
        try output.finish()
        try top.finish()
    }
}
