// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Jail
internal import Sealing

/// The inputs in a bundle's `sample/`: each must be answered in the jail and, for a bundle whose author is trusted with the
/// machine, alike outside of it. A closure that lacks a file often still answers, only wrongly; the comparison finds it.
enum BundleSample {
    /// Paths of the sample's inputs, relative to the bundle.
    static func inputs(of bundle: BundleFiles) -> [String] { bundle.below("sample").map(\.entry.path) }

    /// The type of microtask that an input of the sample is for: `sample/TYPE/…` names it, otherwise the model's first.
    static func type(of path: String, _ manifest: ModelManifest) -> String {
        let named = Files.name(of: Files.parent(of: path))
        return manifest.offers(type: named, schema: nil) ? named : manifest.tasks.first?.type ?? ""
    }

    /// How many inputs were answered (and, when comparing, agreed).
    static func check(
        _ model: RegisteredModel, bundle: BundleFiles, launcher: Launcher, profiles: String?, comparingOutside: Bool
    ) throws(ExecutorError) -> Int {
        let inputs = inputs(of: bundle)
        guard !inputs.isEmpty else { return 0 }
        let image = try model.stage(with: launcher)
        defer { try? launcher.dropImage(image) }
        let inside = try attempt("inside the jail", bundle.path) { () throws(ExecutorError) in
            try run(model, bundle: bundle, image: image, launcher: launcher, profiles: profiles, inputs: inputs)
        }
        // The bundle's own program with the caller's rights: never unless somebody asked for it.
        guard comparingOutside else { return inputs.count }
        let outside = try attempt("outside the jail", bundle.path) { () throws(ExecutorError) in
            try HostModel(manifest: model.manifest, bundle: bundle).answers(to: inputs)
        }
        for (path, answers) in zip(inputs, zip(inside, outside)) where answers.0.canonical != answers.1.canonical {
            throw ExecutorError(
                .sample, "\(model.name) answers \(bundle.path)/\(path) differently inside and outside the jail",
                remedy: "add what is missing to image.closure in model.yaml (files that the program opens by itself)")
        }
        return inputs.count
    }

    private static func load(_ path: String, of bundle: BundleFiles) throws(ExecutorError) -> SealedMemory {
        let secret = SecretBytes(copying: try bundle.read(path, limit: 64 << 20))
        do {
            return try SealedMemory(copying: secret)
        } catch {
            throw .image("\(path) cannot be read: \(error)", cause: error)
        }
    }

    private static func run(
        _ model: RegisteredModel, bundle: BundleFiles, image: ImageHandle, launcher: Launcher, profiles: String?,
        inputs: [String]
    ) throws(ExecutorError) -> [JSONValue] {
        var session: ExecutorSession?
        defer { _ = try? session?.end() }
        var answers: [JSONValue] = []
        for path in inputs {
            let memory = try load(path, of: bundle)
            let current: ExecutorSession
            if let session, model.manifest.protocol != .oneshot {
                current = session
            } else {
                _ = try session?.end()
                current = try ExecutorSession(model, image: image, launcher: launcher, profiles: profiles)
                session = current
                try current.start()
            }
            let type = type(of: path, model.manifest)
            answers.append(
                try current.execute(id: "sample", type: type, input: memory.fd.raw, schema: .object([:])).value)
        }
        return answers
    }

    private static func attempt(
        _ place: String, _ bundle: String, _ body: () throws(ExecutorError) -> [JSONValue]
    ) throws(ExecutorError) -> [JSONValue] {
        do {
            return try body()
        } catch {
            if error.exit == .jail || error.exit == .unverified || error.code == .bundle { throw error }
            throw ExecutorError(
                .sample, "the sample of \(bundle) failed \(place): \(error.message) (\(error.code))",
                remedy: "run the program by hand on the sample; inside a jail, look for files that the closure lacks",
                cause: error)
        }
    }
}
