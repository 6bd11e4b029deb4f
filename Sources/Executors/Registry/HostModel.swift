// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Jail

/// A bundle's program run on the host as it is, for comparison with the jail. Never used by `atomic run`.
struct HostModel {
    let manifest: ModelManifest
    let bundle: BundleFiles

    /// The answers to the inputs at these paths of the bundle.
    func answers(to paths: [String]) throws(ExecutorError) -> [JSONValue] {
        if manifest.protocol == .jsonrpc { return try converse(paths) }
        var answers: [JSONValue] = []
        for path in paths { answers.append(try answerOnce(path)) }
        return answers
    }

    private func answerOnce(_ path: String) throws(ExecutorError) -> JSONValue {
        let input = try bundle.open(path)
        guard let table = manifest.answer else { throw .running(.modelError) }
        let outcome = try HostProgram.run(
            argv, input: input.raw, outputLimit: Int(clamping: manifest.limits.outputBytes),
            limitNs: manifest.callLimitNs)
        guard let exit = outcome.exit else { throw .running(.crashed) }
        return try table.answer(exit: exit, output: outcome.output).value
    }

    /// The jail's argv with its paths as they are on the host: mounts lie in the bundle, the interpreter in the venv.
    private var argv: [String] {
        manifest.argv.enumerated().map { index, word in
            if index == 0, let python = manifest.closure.python, word == python.interpreter, let venv = python.venv {
                return (venv.hasPrefix("/") ? venv : "\(bundle.path)/\(venv)") + "/bin/python3"
            }
            // The longest target that the word lies in; a directory that only holds mounts is the bundle itself.
            for mount in manifest.mounts.sorted(by: { $0.target.utf8.count > $1.target.utf8.count }) {
                if word == mount.target { return "\(bundle.path)/\(mount.source)" }
                if word.hasPrefix(mount.target + "/") {
                    return "\(bundle.path)/\(mount.source)\(word.dropFirst(mount.target.count))"
                }
                if Files.parent(of: mount.target) == word { return Files.parent(of: "\(bundle.path)/\(mount.source)") }
            }
            return word
        }
    }

    private func converse(_ paths: [String]) throws(ExecutorError) -> [JSONValue] {
        var pair: [Int32] = [-1, -1]
        // SAFETY: socketpair writes two descriptors.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw .image("socketpair: \(ErrorText.of(errno))")
        }
        let ours = OwnedFD(adopting: pair[0])
        let process: Int32
        do {
            let theirs = OwnedFD(adopting: pair[1])
            process = try HostProgram.start(argv, input: nil, output: nil, channel: theirs.raw)
        }
        defer {
            _ = kill(process, SIGKILL)
            _ = HostProgram.wait(for: process)
        }
        var dialogue = ExecutorDialogue(descriptor: ours.raw)
        let limit = manifest.callLimitNs
        _ = try dialogue.ask(
            .initialize, .object(["protocol": .string("atomic/executor/v1")]),
            deadline: SystemClock.real.monotonic() &+ limit)
        var answers: [JSONValue] = []
        for path in paths {
            let input = try bundle.open(path)
            let parameters = ExecuteRequest.parameters(
                id: "sample", type: BundleSample.type(of: path, manifest), schema: .object([:]), plan: .object([:]),
                limitNs: limit)
            let reply = try dialogue.ask(
                .execute, parameters, attachment: input.raw, deadline: SystemClock.real.monotonic() &+ limit)
            guard case .answer(let value, _) = reply else { throw .running(.protocolViolation) }
            answers.append(value)
        }
        return answers
    }
}
