// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Whether an image would come out as before, without making it: every source's device, inode, size and times.
///
/// The time of the last status change (ctime) cannot be set, so a file that was written again shows. This only saves the
/// work of making an image that is there already; what runs is decided by the image's own digests.
enum SourceFingerprint {
    static func of(_ plan: ImagePlan, manifest: ModelManifest, bundle: BundleFiles) throws(ExecutorError) -> Digest {
        var hasher = SHA256Hasher()
        do { hasher.update(try CanonicalJSON.encode(manifest)) } catch { throw .image(error.message, cause: error) }
        for (path, target) in plan.links.sorted(by: { $0.key < $1.key }) {
            hasher.update(Array("\(path)\u{0}\(target)\u{0}".utf8))
        }
        for (path, source) in plan.files.sorted(by: { $0.key < $1.key }) {
            switch source {
            case .host(let file), .package(let file, _):
                hasher.update(Array("\(path)\u{0}\(file)\u{0}\(try facts(file))\u{0}".utf8))
            case .bundle(let file):
                hasher.update(Array("\(path)\u{0}bundle\u{0}\(file)\u{0}".utf8))
            }
        }
        // Files of the bundle that are not mounted are part of the model's digest, too.
        hasher.update(Array("\(bundle.path)\u{0}".utf8))
        for entry in bundle.entries where !ImageList.isByteCode(entry.path) {
            hasher.update(Array("\(entry.path)\u{0}\(facts(entry.status))\u{0}".utf8))
        }
        return hasher.finish()
    }

    private static func facts(_ path: String) throws(ExecutorError) -> String {
        var status = stat()
        // SAFETY: `status` is valid for the call and the string is passed as a NUL-terminated copy.
        guard unsafe stat(path, &status) == 0 else { throw .image("stat \(path): \(ErrorText.of(errno))") }
        return facts(status)
    }

    private static func facts(_ status: stat) -> String {
        let (modified, changed) = (status.st_mtim, status.st_ctim)
        return "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mode) "
            + "\(modified.tv_sec).\(modified.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)"
    }
}
