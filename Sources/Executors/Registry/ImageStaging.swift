// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc
public import Jail

extension RegisteredModel {
    /// Copies the image into memory that only the launcher sees, hashing every byte on the way: what runs is what was
    /// registered, whatever happens to the disk afterwards.
    ///
    /// - Throws: ``ExecutorError`` `image-changed` (exit 4) when a file differs from the registered list, is missing or
    ///   cannot be read; `start-failed` when the launcher cannot hold the image (exit 5).
    public func stage(with launcher: Launcher) throws(ExecutorError) -> ImageHandle {
        let list = try imageList()
        let directories = Self.directories(of: list.files)
        let pages = list.files.reduce(0) { $0 + (($1.size ?? 0) + 4095) / 4096 * 4096 }
        do {
            return try launcher.stageImage(
                imageDigest, bytes: pages + (1 << 20), inodes: UInt64(list.files.count + directories.count + 64)
            ) { descriptor in
                try fill(descriptor, files: list.files, directories: directories)
            }
        } catch let error as ExecutorError {
            throw error
        } catch let error as JailError {
            throw ExecutorError(
                .startFailed, "the image of \(name) could not be staged: \(error.message)", remedy: error.remedy,
                exit: .jail, cause: error)
        } catch {
            throw ExecutorError(
                .startFailed, "the image of \(name) could not be staged: \(error)",
                remedy: "run `atomic doctor`", exit: .jail, cause: error)
        }
    }

    private static func directories(of files: [ListedFile]) -> [String] {
        var found: Set<String> = []
        for file in files {
            var parent = file.path
            while let slash = parent.lastIndex(of: "/") {
                parent = String(parent[..<slash])
                guard found.insert(parent).inserted else { break }
            }
        }
        return found.sorted()
    }

    private func fill(_ target: Int32, files: [ListedFile], directories: [String]) throws(ExecutorError) {
        for path in directories {
            // SAFETY: the string is passed as a NUL-terminated copy for the call only.
            guard unsafe mkdirat(target, path, 0o755) == 0 || errno == EEXIST else {
                throw .image("mkdir \(path) in the image: \(ErrorText.of(errno))")
            }
        }
        let image = try ContainedDirectory("\(directory)/image")
        for file in files {
            guard let link = file.link else {
                try FileCopy.copy(file, from: image, into: target)
                continue
            }
            // SAFETY: both strings are passed as NUL-terminated copies for the call only.
            guard unsafe symlinkat(link, target, file.path) == 0 else {
                throw .image("symlink \(file.path) in the image: \(ErrorText.of(errno))")
            }
        }
    }
}
