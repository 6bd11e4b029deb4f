// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
public import Jail
internal import PolicyFile

/// The registered models of a room: `models/<hex>/{manifest.json,image.json,image/}`, named by content.
public enum ModelRegistry {
    /// What ``add(bundle:into:launcher:profiles:)`` did.
    public struct Added: Sendable {
        public let model: RegisteredModel
        /// Inputs of the bundle's `sample/` that were answered alike inside and outside the jail. With none, nothing
        /// shows that the image is complete.
        public let samples: Int
        /// False when the same digest was registered already.
        public let isNew: Bool
    }

    /// Registers a bundle: reads `model.yaml`, copies the closure and the mounts into an image, compiles Python once,
    /// runs every file of `sample/` inside and outside the jail and demands equal answers.
    ///
    /// Adding the same bundle again changes nothing and gives the same digest; a registered image that was damaged is
    /// replaced.
    ///
    /// - Parameters:
    ///   - directory: the bundle, with `model.yaml`.
    ///   - models: the room's `models/`.
    ///   - profiles: directory of the seccomp profiles; by default the installation's.
    ///   - comparingOutside: whether the sample is also run outside of any jail, with the caller's rights, and must be
    ///     answered alike. For a bundle whose author you trust with this machine.
    public static func add(
        bundle directory: String, into models: String, launcher: Launcher, profiles: String? = nil,
        comparingOutside: Bool = false
    ) throws(ExecutorError) -> Added {
        let (manifest, bundle) = try readManifest(in: directory)
        let plan = try ImageWriter.plan(manifest, bundle: bundle)
        for path in BundleSample.inputs(of: bundle) { _ = try bundle.open(path) }
        let sources = try SourceFingerprint.of(plan, manifest: manifest, bundle: bundle)
        if let model = unchanged(manifest.name, sources: sources, in: models) {
            return Added(model: model, samples: BundleSample.inputs(of: bundle).count, isNew: false)
        }
        let work = "\(models)/.adding-\(Hex.encode(RandomBytes.make(6)))"
        try FileTree.makeDirectory(work)
        defer { FileTree.remove(work) }

        try ImageWriter.write(plan, bundle: bundle, python: manifest.closure.python, to: "\(work)/image")
        let image = try ImageList.make(of: "\(work)/image")
        let (manifestBytes, imageBytes) = try describe(manifest, bundle: bundle, image: image)
        let hex = Digest.sha256(manifestBytes).hex
        let target = "\(models)/\(hex)"
        do {
            try Files.writeDurably(imageBytes, to: "\(work)/image.json", mode: 0o444)
            try Files.writeDurably(manifestBytes, to: "\(work)/manifest.json", mode: 0o444)
            try Files.writeDurably(Array(sources.description.utf8), to: "\(work)/sources", mode: 0o444)
        } catch {
            throw .image(error.message, cause: error)
        }
        let registered = try? RegisteredModel(directory: target, named: hex)
        if let registered, (try? verify(registered)) != nil {
            return Added(model: registered, samples: BundleSample.inputs(of: bundle).count, isNew: false)
        }

        let draft = try RegisteredModel(directory: work, named: hex)
        let samples = try BundleSample.check(
            draft, bundle: bundle, launcher: launcher, profiles: profiles, comparingOutside: comparingOutside)
        FileTree.remove(target)
        // SAFETY: both strings are passed as NUL-terminated copies for the call only.
        guard unsafe rename(work, target) == 0 else {
            throw .image("rename \(work) to \(target): \(ErrorText.of(errno))")
        }
        do { try Files.syncDirectory(models) } catch { throw .image(error.message, cause: error) }
        return Added(model: try RegisteredModel(directory: target, named: hex), samples: samples, isNew: true)
    }

    /// The intact model that was made of exactly these files of the host, if there is one.
    private static func unchanged(_ name: String, sources: Digest, in models: String) -> RegisteredModel? {
        let known = (try? list(in: models)) ?? []
        return known.first { model in
            let noted = try? Files.read("\(model.directory)/sources", limit: 128)
            return model.name == name && noted == Array(sources.description.utf8) && (try? verify(model)) != nil
        }
    }

    /// Every registered model, by name and then digest.
    public static func list(in models: String) throws(ExecutorError) -> [RegisteredModel] {
        guard Files.isDirectory(models) else { return [] }
        let names: [String]
        do { names = try Files.list(models) } catch { throw .image(error.message, cause: error) }
        var found: [RegisteredModel] = []
        for name in names where Digest(hex: name) != nil {
            found.append(try RegisteredModel(directory: "\(models)/\(name)", named: name))
        }
        return found.sorted { ($0.name, $0.digest.hex) < ($1.name, $1.digest.hex) }
    }

    /// The model of a digest.
    /// - Throws: ``ExecutorError`` `not-registered`, `image-changed` (exit 4).
    public static func load(_ digest: Digest, from models: String) throws(ExecutorError) -> RegisteredModel {
        guard Files.isDirectory("\(models)/\(digest.hex)") else {
            throw ExecutorError(
                .notRegistered, "no model \(digest) is registered in this room",
                remedy: "register it with `atomic model add`", exit: .usage)
        }
        return try RegisteredModel(directory: "\(models)/\(digest.hex)", named: digest.hex)
    }

    /// Hashes every file of the image and compares with what was registered; finds files that were added, too.
    /// - Throws: ``ExecutorError`` `image-changed` (exit 4) naming the first difference.
    public static func verify(_ model: RegisteredModel) throws(ExecutorError) {
        let registered = try model.imageList()
        let found = try ImageList.make(of: "\(model.directory)/image")
        for (left, right) in zip(registered.files, found.files) where left != right {
            throw .changed("\(model.directory)/image/\(min(left.path, right.path))")
        }
        guard registered.files.count == found.files.count else {
            let path = (registered.files.count > found.files.count ? registered : found).files
                .dropFirst(min(registered.files.count, found.files.count)).first?.path
            throw .changed("\(model.directory)/image/\(path ?? "")")
        }
    }

    private static func readManifest(
        in directory: String
    ) throws(ExecutorError) -> (manifest: ModelManifest, bundle: BundleFiles) {
        let path = "\(directory)/model.yaml"
        guard FileFacts(path: path) != nil else {
            throw ExecutorError(
                .manifest, "\(path) cannot be read: \(ErrorText.of(errno))",
                remedy: "name a directory that has a model.yaml", exit: .usage)
        }
        let bundle = try BundleFiles(directory)
        let bytes = try bundle.read("model.yaml", limit: 1 << 20)
        do {
            return (try ManifestFile.read(bytes, file: path), bundle)
        } catch {
            throw ExecutorError(.manifest, error.message, remedy: error.remedy, exit: .usage, cause: error)
        }
    }

    private static func describe(
        _ manifest: ModelManifest, bundle: BundleFiles, image: ImageList
    ) throws(ExecutorError) -> (manifest: [UInt8], image: [UInt8]) {
        do {
            let list = try CanonicalJSON.encode(image)
            let record = ModelRecord(
                v: 1, manifest: manifest, files: try bundle.list(),
                image: .init(digest: Digest.sha256(list), files: image.files.count, bytes: image.bytes))
            return (try CanonicalJSON.encode(record), list)
        } catch let error as ExecutorError {
            throw error
        } catch {
            throw .image("the model has no canonical form: \(error)", cause: error)
        }
    }
}
