// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Sealing
import Testing

/// Other people's programs, run on files in a directory that ends with the test.
final class Workbench {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "/sealing-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func path(_ name: String) -> String { directory + "/" + name }

    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// Runs a program of the host; returns its exit status and standard output.
    @discardableResult
    func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: [UInt8]) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let out = Pipe()
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = out.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, [UInt8](data))
    }
}

/// The bytes of a secret that is not one: keys made for the test.
func plain(_ secret: borrowing SecretBytes) -> [UInt8] {
    // SAFETY: the bytes are copied while they are lent.
    unsafe secret.withBytes { unsafe Array($0) }
}

/// Whether a program is installed, for `.enabled(if:)`.
func installed(_ program: String) -> Bool { FileManager.default.isExecutableFile(atPath: program) }

/// The code of the error that `body` throws, nil when it throws none.
func code(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return (error as? any ExplainedError)?.codeName ?? "foreign: \(error)"
    }
}
