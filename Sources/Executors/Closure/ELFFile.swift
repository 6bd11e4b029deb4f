// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// What the dynamic linker would read from a program or library: who interprets it and what it needs.
///
/// Read from the bytes (System V gABI, chapters 4 and 5), because `ldd` runs the file that it looks at.
struct ELFFile {
    /// Path of the program interpreter; nil for libraries and static programs.
    var interpreter: String?
    /// DT_NEEDED in order.
    var needed: [String] = []
    /// DT_RUNPATH or, without one, DT_RPATH; `$ORIGIN` not yet replaced.
    var runPath: [String] = []

    /// e_machine of what this processor runs, and its name.
    #if arch(x86_64)
        static let native = 62
        static let nativeName = "x86-64"
    #elseif arch(arm64)
        static let native = 183
        static let nativeName = "aarch64"
    #endif

    /// Nil when the bytes are no ELF file of this kind of machine (64-bit, little-endian) or are damaged.
    init?(path: String) {
        // Not waiting: a FIFO is no program.
        guard let file = try? Files.open(path, O_RDONLY | O_NONBLOCK) else { return nil }
        self.init(descriptor: file.raw)
    }

    /// As above, of an open file, whose position does not matter.
    init?(descriptor: Int32) {
        // SAFETY: the mapping is private and read-only, unmapped once when this returns; every read below is checked
        // against its length.
        guard let image = unsafe Self.map(descriptor) else { return nil }
        defer { unsafe munmap(UnsafeMutableRawPointer(mutating: image.baseAddress), image.count) }
        let bytes = unsafe image.bytes
        guard read(bytes) else { return nil }
    }

    private static func map(_ descriptor: Int32) -> UnsafeRawBufferPointer? {
        var status = stat()
        // SAFETY: `status` is valid for the call; the mapping is as long as the file.
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size >= 64 else {
            return nil
        }
        let address = unsafe mmap(nil, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else { return nil }
        return unsafe UnsafeRawBufferPointer(start: address, count: status.st_size)
    }

    private mutating func read(_ bytes: RawSpan) -> Bool {
        let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1]
        for (index, byte) in magic.enumerated() where bytes.byte(index) != byte { return false }
        guard bytes.half(18) == Self.native else { return false }
        guard let headers = bytes.word(32), let size = bytes.half(54), let count = bytes.half(56), size >= 56 else {
            return false
        }
        var segments: [(address: Int, offset: Int, size: Int)] = []
        var dynamic: (offset: Int, size: Int)?
        for index in 0..<count {
            let at = headers + index * size
            guard let type = bytes.quarter(at), let offset = bytes.word(at + 8), let address = bytes.word(at + 16),
                let length = bytes.word(at + 32)
            else { return false }
            switch type {
            case 1: segments.append((address, offset, length))
            case 2: dynamic = (offset, length)
            case 3: interpreter = bytes.text(offset)
            default: break
            }
        }
        guard let dynamic else { return true }
        var entries: [(tag: Int, value: Int)] = []
        for at in stride(from: dynamic.offset, to: dynamic.offset + min(dynamic.size, 1 << 16), by: 16) {
            guard let tag = bytes.word(at), let value = bytes.word(at + 8), tag != 0 else { break }
            entries.append((tag, value))
        }
        // DT_STRTAB is an address; the segment that is loaded there says where it lies in the file.
        guard let table = entries.first(where: { $0.tag == 5 })?.value,
            let segment = segments.first(where: { $0.address <= table && table - $0.address < $0.size })
        else { return true }
        let strings = table - segment.address + segment.offset
        var old: [String] = []
        for entry in entries {
            guard [1, 15, 29].contains(entry.tag), let text = bytes.text(strings + entry.value) else { continue }
            switch entry.tag {
            case 1: needed.append(text)
            case 15: old = Self.paths(text)
            default: runPath = Self.paths(text)
            }
        }
        if runPath.isEmpty { runPath = old }
        return true
    }

    private static func paths(_ text: String) -> [String] {
        text.split(separator: ":").map(String.init)
    }
}

extension RawSpan {
    fileprivate func byte(_ at: Int) -> UInt8? {
        // SAFETY: checked to lie within the span; a byte has no alignment.
        at >= 0 && at < byteCount ? unsafe unsafeLoadUnaligned(fromByteOffset: at, as: UInt8.self) : nil
    }

    private func load<T: FixedWidthInteger & BitwiseCopyable>(_ at: Int, as type: T.Type) -> T? {
        guard at >= 0, byteCount >= MemoryLayout<T>.size, at <= byteCount - MemoryLayout<T>.size else { return nil }
        // SAFETY: checked to lie within the span.
        return unsafe unsafeLoadUnaligned(fromByteOffset: at, as: T.self)
    }

    fileprivate func half(_ at: Int) -> Int? { load(at, as: UInt16.self).map(Int.init) }
    fileprivate func quarter(_ at: Int) -> Int? { load(at, as: UInt32.self).map(Int.init) }
    /// Values above 2^48 are no offsets of a file and would overflow sums.
    fileprivate func word(_ at: Int) -> Int? {
        load(at, as: UInt64.self).flatMap { $0 < 1 << 48 ? Int($0) : nil }
    }

    fileprivate func text(_ at: Int) -> String? {
        var out: [UInt8] = []
        var position = at
        while let byte = byte(position), out.count < 4096 {
            if byte == 0 { return String(decoding: out, as: UTF8.self) }
            out.append(byte)
            position += 1
        }
        return nil
    }
}
