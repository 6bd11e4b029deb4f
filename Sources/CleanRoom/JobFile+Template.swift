// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A job file as a template: the same job over one file, or to another place.
extension JobFile {
    /// This job over one cleartext file, its answer in `outputDirectory`. The file's text is made from the fields, so the
    /// same template and name give the same bytes, and so the same job.
    ///
    /// - Parameters:
    ///   - name: a file name without wildcards, relative to the order's directory.
    ///   - outputDirectory: absolute.
    public func text(over name: String, outputDirectory: String) -> String {
        """
        apiVersion: \(Self.version)
        task: \(Self.quoted(task))
        input: {files: [\(Self.quoted(name))]}
        class: \(Self.quoted(dataClass))
        purpose: \(Self.quoted(purpose))
        requester: \(Self.quoted(requester))
        budget: {cost: "\(budget) \(currency)", wall: \(wall / 1_000_000)ms}
        output: {dir: \(Self.quoted(outputDirectory)), seal: true}

        """
    }

    /// A JSON string is a double-quoted YAML string.
    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).canonical, as: UTF8.self)
    }
}
