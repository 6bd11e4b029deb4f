// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import Glibc

/// Small files that become durable together: one write and one fdatasync for as many as there are.
///
/// Each file appears under its own name at once, where every reader of this machine finds it, but only the journal is
/// flushed. What a power failure then takes from a directory is put back from the journal when the room is opened
/// (``recover()``). A frame is the SHA-256 of what follows, the file's path relative to the room, and its bytes; what is
/// not whole is not there. One thread at a time may use it.
public final class FileJournal: @unchecked Sendable {
    /// Where a flush of the file system is cheaper than reading so much again.
    static let limitBytes = 16 << 20

    private let root: String
    private let path: String
    private var descriptor: Int32 = -1
    private var offset = 0
    /// A flush of the journal failed: what the kernel says about this file afterwards proves nothing.
    private var isSpoilt = false

    /// - Parameters:
    ///   - root: the room's directory, which the paths of files are relative to.
    ///   - path: where the journal lies.
    public init(root: String, path: String) {
        self.root = root
        self.path = path
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Puts back what is missing or torn, makes it durable and empties the journal. Call it before anything else.
    /// - Throws: `record-unwritten`, `disk-full`.
    public func recover() throws(StoreError) {
        guard Files.exists(path) else { return }
        do throws(BaseError) {
            let frames = Self.frames(of: try Files.read(path, limit: .max))
            for frame in frames {
                let place = root + "/" + frame.name
                let there = Files.exists(place) ? try Files.read(place) : nil
                if there != frame.bytes { try Files.writeVisibly(frame.bytes, to: place, mode: 0o600) }
            }
        } catch {
            throw RecordStore.unwritten(error)
        }
        try flush()
    }

    /// Writes files, new ones or ones that may be replaced. Durable on return.
    /// - Throws: `record-unwritten`, `disk-full`; then none of them counts as written.
    public func write(_ files: [(name: String, bytes: [UInt8])]) throws(StoreError) {
        guard !files.isEmpty else { return }
        if isSpoilt || offset > Self.limitBytes { try flush() }
        var frames: [UInt8] = []
        for file in files { frames += Self.frame(file.name, file.bytes) }
        do throws(BaseError) {
            try open()
            do throws(BaseError) {
                try Files.write(frames, to: descriptor, named: path)
                if fdatasync(descriptor) != 0 {
                    isSpoilt = true
                    throw .system("fdatasync", path)
                }
                for file in files { try Files.writeVisibly(file.bytes, to: root + "/" + file.name, mode: 0o600) }
            } catch {
                // What was written counts for nothing.
                if ftruncate(descriptor, off_t(offset)) != 0 || lseek(descriptor, off_t(offset), SEEK_SET) < 0 {
                    isSpoilt = true
                }
                throw error
            }
        } catch {
            throw RecordStore.unwritten(error)
        }
        offset += frames.count
    }

    /// Makes every file durable under its own name; the journal is empty then.
    public func flush() throws(StoreError) {
        guard descriptor >= 0 || Files.exists(path) else { return }
        do throws(BaseError) {
            try Files.syncFileSystem(of: root)
            try Files.remove(path)
        } catch {
            throw RecordStore.unwritten(error)
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        offset = 0
        isSpoilt = false
    }

    private func open() throws(BaseError) {
        guard descriptor < 0 else { return }
        let opened = try Files.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try Files.syncDirectory(Files.parent(of: path))
        descriptor = opened.release()
        offset = 0
    }

    // MARK: Frames

    private static func frame(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        let name = Array(name.utf8)
        var body: [UInt8] = []
        body.reserveCapacity(12 + name.count + bytes.count)
        for shift in stride(from: 0, to: 32, by: 8) { body.append(UInt8(truncatingIfNeeded: name.count >> shift)) }
        for shift in stride(from: 0, to: 64, by: 8) { body.append(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
        body += name
        body += bytes
        return Digest.sha256(body).bytes + body
    }

    private static func frames(of bytes: [UInt8]) -> [(name: String, bytes: [UInt8])] {
        var frames: [(String, [UInt8])] = []
        var at = 0
        func integer(_ start: Int, _ width: Int) -> Int {
            bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        while bytes.count - at >= 44 {
            let name = integer(at + 32, 4)
            // The topmost byte would make it negative: no file is that large.
            guard bytes[at + 43] == 0 else { break }
            let count = integer(at + 36, 8)
            let start = at + 44
            guard name <= 4_096, count <= bytes.count, bytes.count - start >= name + count else { break }
            let end = start + name + count
            guard Digest.sha256(Array(bytes[at + 32..<end])).bytes.elementsEqual(bytes[at..<at + 32]) else { break }
            frames.append(
                (String(decoding: bytes[start..<start + name], as: UTF8.self), Array(bytes[start + name..<end])))
            at = end
        }
        return frames
    }
}
