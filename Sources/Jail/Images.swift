// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc

extension Launcher {
    /// Makes an image that only the launcher sees: a tmpfs of at most `bytes` and `inodes` that `fill` writes through
    /// its directory descriptor (openat(2) and friends); read-only once `fill` has returned.
    ///
    /// The descriptor is O_PATH: use it as the directory of openat, mkdirat, symlinkat. Every file that `fill` opened
    /// for writing must be closed when it returns, otherwise sealing fails with `image-seal` and EBUSY. Modes must let
    /// others read (and execute): inside a jail every file belongs to nobody. `/proc`, `/dev` and `/tmp` are added.
    ///
    /// - Parameters:
    ///   - digest: what the owner will have computed when `fill` returns; it goes into measurements.
    ///   - bytes: upper limit of content; memory is used as files are written.
    ///   - inodes: upper limit of files, directories and links; the launcher adds 7 of its own to it.
    /// - Throws: ``JailError`` `image-stage`, `image-seal`, and whatever `fill` throws; then no image remains.
    public func stageImage(
        _ digest: Digest, bytes: UInt64, inodes: UInt64, fill: (_ directory: Int32) throws -> Void
    ) throws -> ImageHandle {
        var message = LauncherMessage(.stage)
        message.append(bytes)
        message.append(inodes + 8)
        let (reply, descriptors) = try request(message)
        let number = reply.value
        guard descriptors.count == 1 else { throw JailError.launcherGone("image") }
        let image = ImageHandle(digest: digest, number: number)
        let directory = OwnedFD(adopting: descriptors[0])
        do {
            try fill(directory.raw)
            var seal = LauncherMessage(.seal)
            seal.append(number)
            _ = try request(seal)
        } catch {
            try? dropImage(image)
            throw error
        }
        return image
    }

    /// Forgets an image; jails that use it keep it until they end.
    public func dropImage(_ image: ImageHandle) throws(JailError) {
        var message = LauncherMessage(.drop)
        message.append(image.number)
        _ = try request(message)
    }
}
