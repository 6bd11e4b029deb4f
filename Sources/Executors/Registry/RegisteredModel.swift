// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase

/// A model as the room holds it: its digest names the manifest, every file of the bundle and every file of the image.
public struct RegisteredModel: Sendable {
    public var name: String { manifest.name }
    public var version: String { manifest.version }
    /// SHA-256 of ``manifestBytes``: what a policy names.
    public let digest: Digest
    /// SHA-256 of the image's list of files.
    public let imageDigest: Digest
    public let manifest: ModelManifest
    /// `models/<hex>` of the room.
    public let directory: String
    /// `manifest.json`, the member `models/<hex>/manifest.json` of a bundle.
    public let manifestBytes: [UInt8]
    /// Files in the image, and their size together in bytes.
    public let imageFiles: Int
    public let imageBytes: UInt64

    init(directory: String, manifestBytes: [UInt8], record: ModelRecord) {
        digest = Digest.sha256(manifestBytes)
        imageDigest = record.image.digest
        manifest = record.manifest
        self.directory = directory
        self.manifestBytes = manifestBytes
        imageFiles = record.image.files
        imageBytes = record.image.bytes
    }

    /// Reads a registered model and checks that its digests name what is there; the image's files are hashed when they
    /// are staged, or by ``ModelRegistry/verify(_:)``.
    init(directory: String, named hex: String) throws(ExecutorError) {
        let bytes: [UInt8]
        let record: ModelRecord
        do {
            bytes = try Files.read("\(directory)/manifest.json", limit: 64 << 20)
            record = try CanonicalJSON.decode(ModelRecord.self, from: bytes)
        } catch {
            throw .changed("\(directory)/manifest.json")
        }
        self.init(directory: directory, manifestBytes: bytes, record: record)
        guard digest.hex == hex else { throw .changed("\(directory)/manifest.json") }
    }

    /// The image's list, as it was registered.
    func imageList() throws(ExecutorError) -> ImageList {
        let path = "\(directory)/image.json"
        do {
            let bytes = try Files.read(path, limit: 256 << 20)
            guard Digest.sha256(bytes) == imageDigest else { throw ExecutorError.changed(path) }
            let list = try CanonicalJSON.decode(ImageList.self, from: bytes)
            guard list.files.allSatisfy(\.isContained) else { throw ExecutorError.changed(path) }
            return list
        } catch let error as ExecutorError {
            throw error
        } catch {
            throw .changed(path)
        }
    }
}
