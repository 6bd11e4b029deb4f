// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Puts a model's image together on disk: the closure, the mounts, Python's byte code.
enum ImageWriter {
    /// What goes where. Reads the host, writes nothing.
    static func plan(_ manifest: ModelManifest, bundle: BundleFiles) throws(ExecutorError) -> ImagePlan {
        var plan = ImagePlan()
        for program in manifest.closure.programs { try plan.add(program: program) }
        for file in manifest.closure.files { try plan.add(file) }
        if let python = manifest.closure.python { try PythonClosure.add(python, bundle: bundle.path, to: &plan) }
        for mount in manifest.mounts { try plan.add(mount, of: bundle) }
        var host = HostFiles()
        for (_, source) in plan.files.sorted(by: { $0.key < $1.key }) {
            if case .host(let path) = source { _ = try host.open(path) }
        }
        let programs = ProgramCheck(plan: plan, bundle: bundle)
        if let program = manifest.argv.first { try programs.check(program, named: "argv") }
        if let bidder = manifest.bid?.program?.first { try programs.check(bidder, named: "bid.program") }
        return plan
    }

    static func write(
        _ plan: ImagePlan, bundle: BundleFiles, python: ImageClosure.Python?, to directory: String
    ) throws(ExecutorError) {
        try FileTree.makeDirectory(directory)
        for (path, target) in plan.links.sorted(by: { $0.key < $1.key }) {
            // SAFETY: both strings are passed as NUL-terminated copies for the call only.
            guard unsafe symlink(target, "\(directory)/\(path)") == 0 else {
                throw .image("symlink \(directory)/\(path): \(ErrorText.of(errno))")
            }
        }
        var made: Set<String> = []
        var host = HostFiles()
        for (path, source) in plan.files.sorted(by: { $0.key < $1.key }) {
            let parent = Files.parent(of: "\(directory)/\(path)")
            if made.insert(parent).inserted { try FileTree.makeDirectory(parent) }
            switch source {
            case .host(let file):
                try FileCopy.copy(host.open(file), named: file, to: "\(directory)/\(path)")
            case .package(let file, let root):
                try FileCopy.copy(host.open(file, root: root), named: file, to: "\(directory)/\(path)")
            case .bundle(let file):
                try FileCopy.copy(
                    bundle.open(file), named: "\(bundle.path)/\(file)", to: "\(directory)/\(path)")
            }
        }
        if let python { try compile(directory, with: python.interpreter) }
    }

    /// Byte code whose validity is a hash that nobody checks at run time: two installations have equal bytes, and a
    /// start does not stat every source. One process, in the order of names: what is interned when a constant is
    /// written shows in the bytes.
    private static func compile(_ directory: String, with interpreter: String) throws(ExecutorError) {
        let outcome = try HostProgram.run(
            [
                interpreter, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
                "-s", directory, "-p", "/", directory,
            ], input: nil, outputLimit: 1 << 20, limitNs: 300_000_000_000)
        // compileall exits 1 when a file does not compile (templates and samples among the packages): such a file has
        // no byte code and would fail when imported, as it does on the host.
        guard outcome.exit == 0 || outcome.exit == 1 else {
            throw .image("\(interpreter) could not compile the image (exit \(outcome.exit.map(String.init) ?? "none"))")
        }
    }
}
