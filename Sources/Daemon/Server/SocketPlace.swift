// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Where a room's daemon listens: `ROOM/run/atomicd.sock`, in a directory that only its owner may enter.
///
/// The socket is reached through a descriptor of its directory, so a path may be longer than the 107 bytes that
/// sockaddr_un holds (unix(7)).
struct SocketPlace: Sendable {
    static let socketName = "atomicd.sock"

    let directory: String

    init(room: String) { directory = room + "/run" }

    var path: String { directory + "/" + Self.socketName }

    /// Listens. Whoever calls this holds the room's lock: a socket that is there already belongs to a dead daemon.
    func listen() throws(DaemonError) -> OwnedFD {
        do throws(BaseError) {
            try Files.createDirectory(directory, mode: 0o700)
            try Files.remove(path)
        } catch {
            throw DaemonError(.socket, error.message, remedy: error.remedy, cause: error)
        }
        let holder = try ownDirectory()
        let socket = try Self.socket()
        // A client that went away between poll and accept must not hold the others up.
        guard fcntl(socket.raw, F_SETFL, O_NONBLOCK) == 0 else { throw .system("fcntl", path) }
        var address = try Self.address("/proc/self/fd/\(holder.raw)/\(Self.socketName)")
        // SAFETY: the address is valid for its own size during the call.
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw .system("bind", path) }
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        guard unsafe chmod(path, 0o600) == 0 else { throw .system("chmod", path) }
        guard Glibc.listen(socket.raw, 128) == 0 else { throw .system("listen", path) }
        return socket
    }

    /// A connection to the daemon, or nil when nobody listens.
    ///
    /// - Throws: `peer` when somebody else than root, this user or the room's owner listens; `socket`.
    func connect() throws(DaemonError) -> OwnedFD? {
        guard Files.exists(path) else { return nil }
        // SAFETY: the string is passed as a NUL-terminated copy for the call only.
        let entered = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Not ours to enter: then not ours to use.
        guard entered >= 0 else { return nil }
        let holder = OwnedFD(adopting: entered)
        let socket = try Self.socket()
        var address = try Self.address("/proc/self/fd/\(holder.raw)/\(Self.socketName)")
        var result: Int32
        repeat {
            // SAFETY: as in `listen`.
            result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(socket.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        } while result != 0 && errno == EINTR
        guard result == 0 else {
            if errno == ECONNREFUSED || errno == ENOENT { return nil }
            throw .system("connect", path)
        }
        let listener = try PeerCredentials(of: socket.raw)
        guard listener.uid == 0 || listener.uid == geteuid() || listener.uid == Self.owner(of: holder.raw) else {
            throw DaemonError(
                .peer, "uid \(listener.uid) listens at \(path), which belongs to somebody else",
                remedy: "find out who; then remove the socket", exit: .denied)
        }
        return socket
    }

    func remove() { try? Files.remove(path) }

    /// The directory, ours and for nobody else.
    private func ownDirectory() throws(DaemonError) -> OwnedFD {
        let holder: OwnedFD
        do {
            holder = try Files.open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        } catch {
            throw DaemonError(.socket, error.message, remedy: error.remedy, cause: error)
        }
        guard Self.owner(of: holder.raw) == geteuid(), fchmod(holder.raw, 0o700) == 0 else {
            throw DaemonError(
                .socket, "\(directory) does not belong to uid \(geteuid())",
                remedy: "remove it, or run the daemon as the room's owner")
        }
        return holder
    }

    private static func owner(of descriptor: Int32) -> UInt32? {
        var status = stat()
        // SAFETY: `status` is a valid stat for the call.
        return unsafe fstat(descriptor, &status) == 0 ? status.st_uid : nil
    }

    private static func socket() throws(DaemonError) -> OwnedFD {
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw .system("socket", "AF_UNIX") }
        return OwnedFD(adopting: raw)
    }

    /// An address of the file system, or an abstract one when it begins with `@` as systemd writes it.
    static func address(_ path: String) throws(DaemonError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        // SAFETY: the bytes of the path field are written within its own size, and a NUL stays behind them.
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard bytes.count < field.count else { return false }
            unsafe field.copyBytes(from: bytes)
            return true
        }
        guard fits else {
            throw DaemonError(.socket, "the socket's path \(path) is too long", remedy: "use a shorter path")
        }
        return address
    }
}

/// Who is at the other end of a socket, as the kernel saw it connect or listen (SO_PEERCRED of unix(7)).
struct PeerCredentials: Equatable, Sendable {
    let pid: Int32
    let uid: UInt32

    init(pid: Int32, uid: UInt32) {
        self.pid = pid
        self.uid = uid
    }

    init(of socket: Int32) throws(DaemonError) {
        // struct ucred: pid, uid, gid.
        var fields: [UInt32] = [0, 0, 0]
        var length = socklen_t(12)
        // SAFETY: the three fields are valid for the length that is given.
        guard unsafe getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &fields, &length) == 0, length == 12 else {
            throw .system("getsockopt(SO_PEERCRED)", "the client's socket")
        }
        self.init(pid: Int32(bitPattern: fields[0]), uid: fields[1])
    }

    /// Why the peer may not use a daemon that runs as `own`; nil when it may.
    func refusal(own: UInt32) -> DaemonError? {
        guard uid != own && uid != 0 else { return nil }
        return DaemonError(
            .peer, "uid \(uid) may not use this daemon, which serves uid \(own) and root",
            remedy: "run the command as that user", exit: .denied)
    }
}

extension DaemonError {
    /// The failure of a system call on an object, from `errno`.
    static func system(_ call: String, _ object: String) -> DaemonError {
        let error = BaseError.system(call, object)
        return DaemonError(.socket, error.message, remedy: error.remedy, cause: error)
    }
}
