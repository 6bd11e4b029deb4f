// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

public import AtomicBase
internal import CLinux
internal import Glibc

/// A maildir: messages arrive whole in `new/` and go to `cur/` when they were dealt with. `tmp/` is nobody's business
/// but the delivering program's, and is never looked at.
public struct Maildir: ~Copyable {
    public let path: String
    private let notices: OwnedFD

    /// Largest message in bytes: sealed, it must fit into what a job takes.
    public static let maximumBytes: Int64 = 60 << 20

    /// Begins to listen to `new/`. What is there already is found by ``list()``, which must come after.
    public init(_ path: String) throws(DaemonError) {
        notices = try Self.listen(path)
        self.path = path
    }

    private static func listen(_ path: String) throws(DaemonError) -> OwnedFD {
        for part in ["new", "cur"] where !Files.isDirectory(path + "/" + part) {
            throw DaemonError(
                .maildir, "\(path) is not a maildir: it has no directory \(part)",
                remedy: "make one: mkdir -p \(path)/new \(path)/cur \(path)/tmp", exit: .usage)
        }
        let raw = inotify_init1(O_CLOEXEC | O_NONBLOCK)
        guard raw >= 0 else { throw .system("inotify_init1", path) }
        let notices = OwnedFD(adopting: raw)
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let watch = unsafe inotify_add_watch(raw, path + "/new", UInt32(IN_MOVED_TO) | UInt32(IN_CREATE))
        guard watch >= 0 else { throw .system("inotify_add_watch", path + "/new") }
        return notices
    }

    /// Where messages arrive.
    public var new: String { path + "/new" }

    /// Waits for a message to arrive, for `other` to become readable, or for the time to be over.
    public func wait(orFor other: Int32, atMost milliseconds: Int32 = -1) {
        var wanted = [
            pollfd(fd: notices.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        // SAFETY: the array is valid for its own count.
        _ = unsafe poll(&wanted, nfds_t(wanted.count), milliseconds)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // What the notices say is in the directory too, and better.
        // SAFETY: the buffer is valid for its own length.
        while unsafe read(notices.raw, &buffer, buffer.count) > 0 {}
    }

    /// Names in `new/`.
    public func list() throws(DaemonError) -> [MaildirName] {
        // SAFETY: the stream is closed once below, and each name is copied before the next readdir.
        guard let stream = unsafe opendir(new) else { throw .system("opendir", new) }
        defer { unsafe closedir(stream) }
        var names: [MaildirName] = []
        // SAFETY: as above; d_name is NUL-terminated within its 256 bytes.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { pointer in
                    let length = unsafe strlen(pointer)
                    return (0..<length).map { UInt8(bitPattern: unsafe pointer[$0]) }
                }
            }
            names.append(MaildirName(name))
        }
        return names.filter { $0 != MaildirName(".") && $0 != MaildirName("..") }
    }

    /// Why the thing of this name is no message that can be answered; nil when it is one. Nothing of it is read.
    ///
    /// - Returns: a closed code: `gone bad-name symlink directory not-a-file too-large unreadable`.
    public func refusal(of name: MaildirName) -> String? {
        var status = stat()
        // SAFETY: the path is NUL-terminated and the status valid for the call.
        guard unsafe lstat(cPath("new", name), &status) == 0 else { return errno == ENOENT ? "gone" : "unreadable" }
        guard name.isGood else { return "bad-name" }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK: return "symlink"
        case S_IFDIR: return "directory"
        default: return "not-a-file"
        }
        guard status.st_size <= Self.maximumBytes else { return "too-large" }
        // SAFETY: as above.
        return unsafe access(cPath("new", name), R_OK) == 0 ? nil : "unreadable"
    }

    /// Moves a message from `new/` to `cur/`, once and without replacing another.
    ///
    /// - Parameter flags: maildir flags, such as `F`.
    /// - Returns: its name there.
    public func moveOn(_ name: MaildirName, flags: String) throws(DaemonError) -> MaildirName {
        for copy in 1...999 {
            let target = name.inCur(flags: flags, copy: copy)
            // SAFETY: both paths are NUL-terminated and valid for the call.
            if unsafe linux_rename_new(cPath("new", name), cPath("cur", target)) == 0 {
                do throws(BaseError) {
                    try Files.syncDirectory(path + "/cur")
                    try Files.syncDirectory(new)
                } catch {
                    throw DaemonError(.maildir, error.message, remedy: error.remedy, cause: error)
                }
                return target
            }
            guard errno == EEXIST else { break }
        }
        let error = BaseError.system("move to cur/", new + "/" + name.text)
        throw DaemonError(
            .maildir, error.message, remedy: "\(error.remedy); the message is not answered again", cause: error)
    }

    private func cPath(_ part: String, _ name: MaildirName) -> [CChar] {
        (Array("\(path)/\(part)/".utf8) + name.bytes + [0]).map { CChar(bitPattern: $0) }
    }
}

extension DaemonError.Code {
    /// The directory is not a maildir, or a message cannot be moved within it.
    public static var maildir: Self { "maildir" }
}
