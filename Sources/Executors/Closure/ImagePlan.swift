// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Which file becomes which file of the image. Links of the host are resolved: a name that leads through
/// `/etc/alternatives` becomes a plain file under the name that the program uses.
struct ImagePlan {
    enum Source: Hashable {
        /// A file of the host, by its path. Everybody on the host may read it (``HostFiles``).
        case host(String)
        /// A file below the packages of the environment that the manifest names, by its path on the host.
        case package(String, root: String)
        /// A file of the bundle, relative to it.
        case bundle(String)
    }

    /// Image path without the leading slash, to where the file comes from.
    private(set) var files: [String: Source] = [:]
    /// Links at the top of a file system whose `/lib` is `/usr/lib`.
    private(set) var links: [String: String] = [:]
    private let search = LibrarySearch()
    private var hasLibc = false

    init() {
        for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
            guard let target = FileTree.target(ofLink: "/\(name)"), !target.hasPrefix("/"), !target.contains("..")
            else {
                continue
            }
            links[name] = target
        }
    }

    /// A program and all libraries that it needs.
    mutating func add(program path: String) throws(ExecutorError) {
        guard let target = FileTree.resolve(path), FileFacts(path: target)?.kind == .file else {
            throw ExecutorError(
                .closure, "\(path) is not a program of this machine",
                remedy: "install the package it belongs to, or correct image.closure in model.yaml")
        }
        guard let object = ELFFile(path: target) else {
            throw ExecutorError(
                .closure, "\(path) is not a 64-bit ELF program of this machine",
                remedy: "name the interpreter under programs and the script under mounts")
        }
        try place(path)
        try addNeeds(of: object, at: path, strict: true)
        if let interpreter = object.interpreter { try place(interpreter) }
    }

    /// A file, or everything below a directory, with the libraries that programs among them need.
    mutating func add(_ path: String) throws(ExecutorError) {
        guard let target = FileTree.resolve(path), let facts = FileFacts(path: target) else {
            throw ExecutorError(
                .closure, "\(path) does not exist", remedy: "correct image.closure in model.yaml")
        }
        guard facts.kind == .directory else { return try addFile(path) }
        try add(tree: target, at: try imagePath(path))
    }

    /// Everything below a directory of the host, under another path of the image.
    ///
    /// - Parameter packages: whether it is the environment that the manifest names: its own files need not be everybody's.
    mutating func add(
        tree directory: String, at place: String, packages: Bool = false, skipping: (String) -> Bool = { _ in false }
    ) throws(ExecutorError) {
        for entry in try FileTree.walk(directory, skipping: skipping) {
            let source = "\(directory)/\(entry.path)"
            // A link that leads to a directory would be followed out of the tree; one that leads nowhere is nothing.
            guard let target = FileTree.resolve(source), FileFacts(path: target)?.kind == .file else { continue }
            let isPackage = packages && target.hasPrefix(directory + "/")
            files["\(place)/\(entry.path)"] = isPackage ? .package(source, root: directory) : .host(source)
            if let object = entry.path.hasSuffix(".py") ? nil : ELFFile(path: target) {
                try addNeeds(of: object, at: source, strict: false, beside: directory + "/")
            }
        }
    }

    /// A file or directory of the bundle at its place in the jail.
    ///
    /// - Throws: ``ExecutorError`` `bundle` when it is a link or lies behind one, `closure` when it is not there or when something
    ///   else is at its place already.
    mutating func add(_ mount: ModelManifest.Mount, of bundle: BundleFiles) throws(ExecutorError) {
        let place = imagePath(inside: mount.target)
        for taken in files.keys where taken == place || taken.isBelow(place) || place.isBelow(taken) {
            throw ExecutorError(
                .closure, "the mount at \(mount.target) would cover or cut off /\(taken) of the image",
                remedy: "mount it elsewhere, such as /model/\(Files.name(of: mount.source)), in model.yaml")
        }
        guard bundle.isDirectory(mount.source) else {
            guard let entry = bundle.entry(mount.source), !entry.isLink else { throw missing(mount.source, in: bundle) }
            files[place] = .bundle(mount.source)
            return
        }
        for (path, entry) in bundle.below(mount.source) where !path.split(separator: "/").contains("__pycache__") {
            guard !entry.isLink else { throw missing(entry.path, in: bundle) }
            files["\(place)/\(path)"] = .bundle(entry.path)
            let file = try bundle.open(entry.path)
            if let object = entry.path.hasSuffix(".py") ? nil : ELFFile(descriptor: file.raw) {
                let source = "\(bundle.path)/\(mount.source)"
                try addNeeds(of: object, at: "\(source)/\(path)", strict: false, beside: source + "/")
            }
        }
    }

    /// Why a source of a mount is none.
    private func missing(_ path: String, in bundle: BundleFiles) -> ExecutorError {
        do {
            _ = try bundle.open(path)
        } catch {
            if error.code == .bundle { return error }
        }
        return ExecutorError(
            .closure, "\(bundle.path)/\(path), named by mounts, is no file or directory of the bundle",
            remedy: "correct mounts in model.yaml; for the demo's models run scripts/make-demo-models")
    }

    private mutating func addFile(_ path: String) throws(ExecutorError) {
        try place(path)
        if let object = ELFFile(path: path) {
            try addNeeds(of: object, at: path, strict: true)
            if let interpreter = object.interpreter { try place(interpreter) }
        }
    }

    /// Libraries, and theirs. An extension module that nothing can load on the host either is left as it is.
    ///
    /// - Parameter tree: libraries below it, such as `numpy.libs`, come with it.
    private mutating func addNeeds(
        of object: ELFFile, at path: String, strict: Bool, beside tree: String? = nil
    ) throws(ExecutorError) {
        for name in object.needed {
            // What is named as a library and is none (`/etc/passwd`) is not a file that a linker would load.
            guard let library = search.find(name, neededBy: object, at: path), let needed = ELFFile(path: library)
            else {
                guard strict else { continue }
                throw ExecutorError(
                    .closure, "\(path) needs \(name), which is nowhere on this machine",
                    remedy: "install the package of \(name)")
            }
            if let tree, FileTree.resolve(library)?.hasPrefix(tree) == true { continue }
            let image = try imagePath(library)
            if files[image] != nil { continue }
            files[image] = .host(library)
            try addNeeds(of: needed, at: library, strict: strict)
            if let interpreter = needed.interpreter { try place(interpreter) }
            if name == "libc.so.6" { try addLoadedByLibc(beside: Files.parent(of: library)) }
        }
    }

    /// What glibc opens by itself while a program runs: character set converters, the name service of files, the
    /// unwinder, the one locale that needs no generation. Without the converters bogofilter silently answered `U 0.52`
    /// where it should have said `S 0.99`.
    private mutating func addLoadedByLibc(beside directory: String) throws(ExecutorError) {
        guard !hasLibc else { return }
        hasLibc = true
        if Files.isDirectory("\(directory)/gconv") { try add("\(directory)/gconv") }
        if Files.isDirectory("/usr/lib/locale/C.utf8") { try add("/usr/lib/locale/C.utf8") }
        for name in ["libnss_files.so.2", "libnss_dns.so.2", "libnss_compat.so.2", "libresolv.so.2", "libgcc_s.so.1"] {
            if Files.exists("\(directory)/\(name)") { try addFile("\(directory)/\(name)") }
        }
    }

    private mutating func place(_ path: String) throws(ExecutorError) {
        files[try imagePath(path)] = .host(path)
    }

    /// Where a path of the jail lies in the image: the links at its top resolved.
    func imagePath(inside path: String) -> String {
        let parts = path.dropFirst().split(separator: "/", maxSplits: 1)
        guard let first = parts.first, let target = links[String(first)] else { return String(path.dropFirst()) }
        return parts.count == 2 ? "\(target)/\(parts[1])" : target
    }

    /// Where a host path lies in the image: its directory resolved, its own name kept.
    private func imagePath(_ path: String) throws(ExecutorError) -> String {
        guard let directory = FileTree.resolve(Files.parent(of: path)) else {
            throw ExecutorError(.closure, "\(path) does not exist", remedy: "correct image.closure in model.yaml")
        }
        guard !["/tmp", "/dev", "/proc", "/sys"].contains(where: { directory == $0 || directory.hasPrefix($0 + "/") })
        else {
            throw ExecutorError(
                .closure, "\(path) lies where a jail has its own /tmp, /dev or /proc, which would hide it",
                remedy: "put it into the bundle and name it under mounts, or install it elsewhere")
        }
        return String((directory == "/" ? "" : directory.dropFirst() + "/") + Files.name(of: path))
    }
}

extension String {
    fileprivate func isBelow(_ directory: String) -> Bool { hasPrefix(directory + "/") }
}
