// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// Finds libraries as ld.so(8) does: the object's own run path, the directories of `/etc/ld.so.conf`, the defaults.
/// The environment and `/etc/ld.so.preload` have no say: neither exists in a jail.
struct LibrarySearch {
    private let directories: [String]

    init() {
        var found: [String] = []
        Self.read("/etc/ld.so.conf", into: &found, depth: 0)
        found += ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"]
        directories = found
    }

    private static func read(_ path: String, into found: inout [String], depth: Int) {
        guard depth < 4, let bytes = try? Files.read(path, limit: 1 << 16) else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = words.first else { continue }
            if first == "include" {
                for pattern in words.dropFirst() { include(String(pattern), into: &found, depth: depth) }
            } else if first.hasPrefix("/") {
                found.append(String(first))
            }
        }
    }

    /// The only pattern in use: `DIRECTORY/*.conf`.
    private static func include(_ pattern: String, into found: inout [String], depth: Int) {
        let directory = Files.parent(of: pattern)
        guard Files.name(of: pattern) == "*.conf" else { return read(pattern, into: &found, depth: depth + 1) }
        for name in (try? Files.list(directory)) ?? [] where name.hasSuffix(".conf") {
            read("\(directory)/\(name)", into: &found, depth: depth + 1)
        }
    }

    /// The path of a needed library as the object at `path` would get it; nil when there is none.
    func find(_ name: String, neededBy object: ELFFile, at path: String) -> String? {
        if name.contains("/") { return FileFacts(path: name) == nil ? nil : name }
        let origin = Files.parent(of: FileTree.resolve(path) ?? path)
        let own = object.runPath.map { entry in
            if let rest = entry.afterPrefix("$ORIGIN") ?? entry.afterPrefix("${ORIGIN}") { return origin + rest }
            return entry
        }
        for directory in own + directories where FileTree.resolve("\(directory)/\(name)") != nil {
            return "\(directory)/\(name)"
        }
        return nil
    }
}

extension String {
    fileprivate func afterPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
