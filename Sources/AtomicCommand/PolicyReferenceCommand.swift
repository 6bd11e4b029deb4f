// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import PolicyFile

/// `atomic policy reference`, for the source tree alone: see `scripts/reference`.
struct PolicyReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Write the words of the policy language into its page and its schema.",
        shouldDisplay: false)

    @Option(help: "The page, with markers around the sections that are written.")
    var page: String
    @Option(help: "The JSON Schema for editors.")
    var schema: String
    @Flag(help: "Write nothing; exit 1 when something would change.")
    var check = false

    func run() throws {
        let text = String(decoding: try Files.read(page, limit: 1 << 20), as: UTF8.self)
        try put(PolicyReference.page(text), into: page)
        try put(PolicyReference.schema, into: schema)
    }

    private func put(_ wanted: String, into path: String) throws {
        let found = Files.exists(path) ? String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self) : ""
        guard let difference = PolicyReference.difference(found, wanted) else { return }
        guard !check else {
            throw PolicyFileError(
                "reference", "\(path): \(difference)", remedy: "run scripts/reference and read the difference",
                exit: .failed)
        }
        try Files.writeVisibly(Array(wanted.utf8), to: path)
        try Console.line("\(path): written anew")
    }
}
