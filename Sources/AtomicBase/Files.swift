// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import CLinux
internal import Glibc

/// Files with one clear error each. Paths are taken as given; nothing here follows a path from untrusted input.
public enum Files {
    public static func exists(_ path: String) -> Bool {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        unsafe access(path, F_OK) == 0
    }

    public static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// What the file system under `path` has left for this user, in bytes, and whether it may be written at all
    /// (statvfs(3)); nil when it cannot be asked.
    public static func fileSystem(of path: String) -> (availableBytes: UInt64, isReadOnly: Bool)? {
        var status = statvfs()
        // SAFETY: `status` is a valid statvfs for the call; the string is passed as a NUL-terminated copy.
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return (overflow ? .max : bytes, status.f_flag & UInt(ST_RDONLY) != 0)
    }

    /// Whether a file is there that reading cannot block on or have effects by; links are followed.
    public static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// When a file's content, or the time itself, was set last (stat(2)); nil when there is no such file.
    public static func modified(_ path: String) -> WallTime? {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        guard unsafe stat(path, &status) == 0 else { return nil }
        let (seconds, overflow) = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? nil : WallTime(nanoseconds: seconds + Int64(status.st_mtim.tv_nsec))
    }

    /// Sets the time that ``modified(_:)`` tells (utimensat(2)).
    public static func setModified(_ path: String, to time: WallTime) throws(BaseError) {
        let moment = timespec(
            tv_sec: Int(time.nanoseconds / 1_000_000_000), tv_nsec: Int(time.nanoseconds % 1_000_000_000))
        let times = [moment, moment]
        // SAFETY: two valid timespecs and a NUL-terminated copy of the string, for the call only.
        guard unsafe utimensat(AT_FDCWD, path, times, 0) == 0 else { throw .system("utimensat", path) }
    }

    /// Opens with close-on-exec added to `flags`.
    public static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o644) throws(BaseError) -> OwnedFD {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system("open", path) }
        return OwnedFD(adopting: descriptor)
    }

    /// The whole file.
    /// - Throws: ``BaseError`` `too-large` above `limit` bytes, `not-found`, `io`.
    public static func read(_ path: String, limit: Int = 64 << 20) throws(BaseError) -> [UInt8] {
        let file = try open(path, O_RDONLY)
        return try read(file.raw, named: path, limit: limit)
    }

    /// Everything from a descriptor's position to its end.
    public static func read(_ descriptor: Int32, named name: String, limit: Int) throws(BaseError) -> [UInt8] {
        var status = stat()
        // SAFETY: fills the structure.
        let size = unsafe fstat(descriptor, &status) == 0 ? Int(clamping: status.st_size) : 0
        // As a rule all is there with the first piece: one byte more than the file is said to have shows its end.
        var (out, isAtEnd) = try piece(descriptor, most: min(max(size, 4_095), limit) + 1, named: name)
        while !isAtEnd, out.count <= limit {
            let (more, isLast) = try piece(descriptor, most: 65_536, named: name)
            out += more
            isAtEnd = isLast
        }
        guard out.count <= limit else {
            throw BaseError(.tooLarge, "\(name) has more than \(limit) bytes", remedy: "give a smaller file")
        }
        return out
    }

    /// The next bytes of a descriptor, fewer than `most` only at its end.
    private static func piece(
        _ descriptor: Int32, most: Int, named name: String
    ) throws(BaseError) -> (bytes: [UInt8], isAtEnd: Bool) {
        var got = 0
        // SAFETY: `read` writes only behind what it wrote before and within the capacity, and `done` counts what it wrote.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: most) { buffer, done in
            repeat {
                got = unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: done), most - done)
                if got > 0 { done += got }
            } while done < most && (got > 0 || got < 0 && errno == EINTR)
        }
        if got < 0 { throw .system("read", name) }
        return (bytes, got == 0)
    }

    /// Writes all bytes to a descriptor.
    public static func write(_ bytes: some Collection<UInt8>, to descriptor: Int32, named name: String)
        throws(BaseError)
    {
        // SAFETY: the pointer and the count lie within the bytes (see `all`).
        try unsafe all(bytes, "write", name) { unsafe Glibc.write(descriptor, $0, $1) }
    }

    /// Writes to a stream socket. A peer that has gone away is an error (EPIPE) whatever this process does about SIGPIPE,
    /// which ``write(_:to:named:)`` would raise.
    public static func send(_ bytes: some Collection<UInt8>, over socket: Int32, named name: String)
        throws(BaseError)
    {
        // SAFETY: as in `write`.
        try unsafe all(bytes, "send", name) { unsafe Glibc.send(socket, $0, $1, Int32(MSG_NOSIGNAL)) }
    }

    /// Calls `put` with what is left until nothing is.
    private static func all(
        _ bytes: some Collection<UInt8>, _ call: String, _ name: String,
        _ put: (UnsafeRawPointer?, Int) -> Int
    ) throws(BaseError) {
        let bytes = Array(bytes)
        var done = 0
        while done < bytes.count {
            // SAFETY: the range from `done` lies within `bytes`.
            let wrote = unsafe bytes.withUnsafeBytes { buffer in
                unsafe put(buffer.baseAddress?.advanced(by: done), buffer.count - done)
            }
            if wrote < 0 {
                if errno == EINTR { continue }
                throw .system(call, name)
            }
            done += wrote
        }
    }

    /// Replaces `path` atomically, and returns when the content and the name are on disk.
    public static func writeDurably(_ bytes: some Collection<UInt8>, to path: String, mode: UInt32 = 0o644)
        throws(BaseError)
    {
        try replace(path, with: bytes, mode: mode, sync: true)
        try syncDirectory(parent(of: path))
    }

    /// Replaces `path` atomically for readers; what a crash leaves is open until ``syncFileSystem(of:)``.
    public static func writeVisibly(_ bytes: some Collection<UInt8>, to path: String, mode: UInt32 = 0o644)
        throws(BaseError)
    {
        try replace(path, with: bytes, mode: mode, sync: false)
    }

    private static func replace(_ path: String, with bytes: some Collection<UInt8>, mode: UInt32, sync: Bool)
        throws(BaseError)
    {
        let temporary = "\(path).\(Hex.encode(RandomBytes.make(6))).tmp"
        do throws(BaseError) {
            let file = try open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try write(bytes, to: file.raw, named: temporary)
            if sync, fdatasync(file.raw) != 0 { throw .system("fdatasync", temporary) }
            // SAFETY: the strings are passed as NUL-terminated copies for the call only.
            guard unsafe rename(temporary, path) == 0 else { throw .system("rename to", path) }
        } catch {
            // SAFETY: as above.
            _ = unsafe unlink(temporary)
            throw error
        }
    }

    /// Flushes the file system that holds `path` (syncfs(2)).
    public static func syncFileSystem(of path: String) throws(BaseError) {
        let file = try open(path, O_RDONLY)
        guard linux_syncfs(file.raw) == 0 else { throw .system("syncfs", path) }
    }

    /// Creates a directory and its missing parents; an existing one is left as it is.
    public static func createDirectory(_ path: String, mode: UInt32 = 0o755) throws(BaseError) {
        if isDirectory(path) { return }
        let above = parent(of: path)
        if above != path { try createDirectory(above) }
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw .system("mkdir", path) }
        try syncDirectory(above)
    }

    /// Names in a directory, sorted, without `.` and `..`.
    public static func list(_ path: String) throws(BaseError) -> [String] {
        // SAFETY: the stream is closed once below, and each name is copied before the next readdir.
        guard let stream = unsafe opendir(path) else { throw .system("opendir", path) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        // SAFETY: as above; d_name is NUL-terminated within the entry.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public static func syncDirectory(_ path: String) throws(BaseError) {
        let directory = try open(path, O_RDONLY | O_DIRECTORY)
        guard fsync(directory.raw) == 0 else { throw .system("fsync", path) }
    }

    /// Removes a file; a missing one is fine.
    public static func remove(_ path: String) throws(BaseError) {
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .system("unlink", path) }
    }

    /// The directory part, `.` for a bare name.
    public static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last component.
    public static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
