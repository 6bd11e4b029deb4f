// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// What the launcher answers: success with a number and descriptors, or the failed stage with errno and object.
struct LauncherReply {
    static let bytes = 16 + 32 + 200

    let errno: Int32
    let value: UInt64
    let stage: String
    let object: String

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.bytes, bytes.littleEndian(at: 0, as: UInt32.self) == LauncherMessage.magic else {
            return nil
        }
        errno = bytes.littleEndian(at: 4, as: Int32.self)
        value = bytes.littleEndian(at: 8, as: UInt64.self)
        stage = bytes.text(from: 16, to: 48)
        object = bytes.text(from: 48, to: 248)
    }
}

/// The launcher's last word about a jail.
struct LauncherReport {
    static let bytes = 64
    static let magic: UInt32 = 0x3152_4a41
    /// The order of `enum cause` in launcher.h.
    static let causes: [JailCause] = [
        .exited, .signal, .syscall, .memoryLimit, .pidsLimit, .cpuLimit, .wallLimit, .outputLimit, .fileLimit,
    ]

    let cause: JailCause
    let exit: Int32
    let signal: Int32
    let cpuNs: UInt64
    let wallNs: UInt64
    let peakBytes: UInt64
    /// `/tmp` was full at some moment: of bytes, of inodes.
    let tmpfsBytesFull: Bool
    let tmpfsInodesFull: Bool
    /// Whether the jail's cgroup was empty when its first process had been reaped.
    let cgroupEmpty: Bool
    /// Kills of the out-of-memory killer and refused forks, as the kernel counted them.
    let memoryHits: UInt64
    let pidsHits: UInt64

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.bytes, bytes.littleEndian(at: 0, as: UInt32.self) == Self.magic else { return nil }
        let cause = Int(bytes.littleEndian(at: 4, as: Int32.self))
        guard Self.causes.indices.contains(cause) else { return nil }
        self.cause = Self.causes[cause]
        exit = bytes.littleEndian(at: 8, as: Int32.self)
        signal = bytes.littleEndian(at: 12, as: Int32.self)
        cpuNs = bytes.littleEndian(at: 16, as: UInt64.self)
        wallNs = bytes.littleEndian(at: 24, as: UInt64.self)
        peakBytes = bytes.littleEndian(at: 32, as: UInt64.self)
        let hits = bytes.littleEndian(at: 40, as: UInt32.self)
        tmpfsBytesFull = hits & 1 != 0
        tmpfsInodesFull = hits & 2 != 0
        cgroupEmpty = bytes.littleEndian(at: 44, as: UInt32.self) & 1 != 0
        memoryHits = bytes.littleEndian(at: 48, as: UInt64.self)
        pidsHits = bytes.littleEndian(at: 56, as: UInt64.self)
    }
}

extension [UInt8] {
    /// An integer at an offset that the caller has checked.
    func littleEndian<T: FixedWidthInteger>(at offset: Int, as type: T.Type) -> T {
        var value: T = 0
        for index in (0..<T.bitWidth / 8).reversed() {
            value = value << 8 | T(truncatingIfNeeded: self[offset + index])
        }
        return value
    }

    /// A NUL-terminated text in a field of fixed size.
    func text(from start: Int, to end: Int) -> String {
        String(decoding: self[start..<end].prefix { $0 != 0 }, as: UTF8.self)
    }
}
