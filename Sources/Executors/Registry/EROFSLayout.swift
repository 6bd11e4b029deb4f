// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A read-only file system of listed files, planned: where everything lies, and all bytes but the files' content. A pure
/// function of the list, so that one image has one form.
///
/// EROFS without compression (Linux, fs/erofs/erofs_fs.h): block 0 holds the superblock, then come inodes of 64 bytes,
/// directories, targets of links, and files, each at a block boundary.
struct EROFSLayout {
    static let block = 4096
    private static let inodeBytes = 64
    private static let modeDirectory: UInt16 = 0o040000
    private static let modeFile: UInt16 = 0o100000
    private static let modeLink: UInt16 = 0o120000

    /// A file's content begins at this byte.
    struct Place {
        let file: ListedFile
        let offset: UInt64
    }

    /// The bytes from the start of the image up to the first file's content.
    let head: [UInt8]
    let places: [Place]
    /// Of the whole image, a multiple of the block.
    let bytes: UInt64

    private struct Node {
        let name: [UInt8]
        let file: ListedFile?
        var children: [Int] = []
        var parent = 0
        var isDirectory: Bool { file == nil }
    }

    /// - Parameter empty: directories that exist whatever the list says.
    /// - Throws: ``ExecutorError`` `image` for a name that no file system takes.
    init(_ files: [ListedFile], empty: [String]) throws(ExecutorError) {
        let nodes = try Self.tree(files, empty: empty)
        let inodes = 1 + (Self.inodeBytes * (nodes.count + 1) + Self.block - 1) / Self.block
        var data: [UInt8] = []
        var starts = [Int](repeating: 0, count: nodes.count)
        var sizes = [UInt64](repeating: 0, count: nodes.count)
        for (index, node) in nodes.enumerated() where node.isDirectory || node.file?.link != nil {
            starts[index] = inodes + data.count / Self.block
            let content = node.file?.link.map { Array($0.utf8) } ?? Self.directory(index, nodes)
            guard node.isDirectory || content.count < Self.block else {
                throw .image("the link \(node.file?.path ?? "") is too long for an image")
            }
            sizes[index] = UInt64(content.count)
            data += content
            data += [UInt8](repeating: 0, count: (Self.block - data.count % Self.block) % Self.block)
        }
        var next = UInt64(inodes + data.count / Self.block)
        var places: [Place] = []
        for (index, node) in nodes.enumerated() {
            guard let file = node.file, file.link == nil else { continue }
            let size = file.size ?? 0
            starts[index] = Int(next)
            sizes[index] = size
            places.append(Place(file: file, offset: next * UInt64(Self.block)))
            next += (size + UInt64(Self.block) - 1) / UInt64(Self.block)
        }
        guard next < UInt64(UInt32.max) else { throw .image("the image is too large for a disk of a microvm") }
        var head = Self.superblock(blocks: UInt32(next), inodes: UInt64(nodes.count))
        head += [UInt8](repeating: 0, count: Self.block + Self.inodeBytes - head.count)
        for (index, node) in nodes.enumerated() {
            head += Self.inode(node, at: starts[index], size: sizes[index], number: index + 1, nodes)
        }
        head += [UInt8](repeating: 0, count: inodes * Self.block - head.count)
        self.head = head + data
        self.places = places
        bytes = next * UInt64(Self.block)
    }

    /// The root is node 0; children are sorted by the bytes of their names.
    private static func tree(_ files: [ListedFile], empty: [String]) throws(ExecutorError) -> [Node] {
        var nodes = [Node(name: [], file: nil)]
        var known = ["": 0]
        func add(_ path: String, _ file: ListedFile?) throws(ExecutorError) {
            guard known[path] == nil else { return }
            let slash = path.lastIndex(of: "/")
            let parent = slash.map { String(path[..<$0]) } ?? ""
            if known[parent] == nil { try add(parent, nil) }
            let name = Array((slash.map { path[path.index(after: $0)...] } ?? path[...]).utf8)
            guard let above = known[parent], nodes[above].isDirectory, (1...255).contains(name.count) else {
                throw .image("\(path) cannot be in an image")
            }
            known[path] = nodes.count
            nodes[above].children.append(nodes.count)
            nodes.append(Node(name: name, file: file, parent: above))
        }
        for file in files { try add(file.path, file) }
        for path in empty { try add(path, nil) }
        let names = nodes.map(\.name)
        for index in nodes.indices {
            nodes[index].children.sort { names[$0].lexicographicallyPrecedes(names[$1]) }
        }
        return nodes
    }

    /// An inode's address is in units of 32 bytes; the first 64 are left free, because the root's may not be 0.
    private static func address(_ index: Int) -> Int { (index + 1) * inodeBytes / 32 }

    /// Blocks of entries, each followed by their names; sorted throughout, because the kernel searches by halves.
    private static func directory(_ index: Int, _ nodes: [Node]) -> [UInt8] {
        let node = nodes[index]
        var entries = node.children.map { (name: nodes[$0].name, index: $0) }
        entries += [(Array(".".utf8), index), (Array("..".utf8), node.parent)]
        entries.sort { $0.name.lexicographicallyPrecedes($1.name) }
        var out: [UInt8] = []
        var from = 0
        while from < entries.count {
            var to = from
            var used = 0
            while to < entries.count, used + 12 + entries[to].name.count <= block {
                used += 12 + entries[to].name.count
                to += 1
            }
            var names: [UInt8] = []
            var begin = out.count
            for entry in entries[from..<to] {
                let target = nodes[entry.index]
                let kind: UInt8 = target.isDirectory ? 2 : target.file?.link != nil ? 7 : 1
                out.put(UInt64(address(entry.index)))
                out.put(UInt16(12 * (to - from) + names.count))
                out += [kind, 0]
                names += entry.name
            }
            out += names
            begin = out.count - begin
            out += [UInt8](repeating: 0, count: block - begin)
            from = to
        }
        return out
    }

    private static func inode(_ node: Node, at block: Int, size: UInt64, number: Int, _ nodes: [Node]) -> [UInt8] {
        let mode =
            node.isDirectory
            ? modeDirectory | 0o755
            : node.file?.link != nil ? modeLink | 0o777 : modeFile | UInt16(node.file?.modeBits ?? 0)
        var out: [UInt8] = []
        // Extended form, content in blocks of its own (EROFS_INODE_FLAT_PLAIN).
        out.put(UInt16(1))
        out.put(UInt16(0))
        out.put(mode)
        out.put(UInt16(0))
        out.put(size)
        out.put(UInt32(block))
        out.put(UInt32(number))
        // Owner and group root, no times: nothing in an image depends on them.
        out += [UInt8](repeating: 0, count: 8 + 8 + 4)
        out.put(UInt32(node.isDirectory ? 2 + node.children.count { nodes[$0].isDirectory } : 1))
        out += [UInt8](repeating: 0, count: 16)
        return out
    }

    private static func superblock(blocks: UInt32, inodes: UInt64) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 1024)
        out.put(UInt32(0xe0f5_e1e2))
        out.put(UInt32(0))  // checksum: none, the feature is off
        out.put(UInt32(0))
        out += [12, 0]  // blocks of 2^12 bytes, no extension slots
        out.put(UInt16(address(0)))
        out.put(inodes)
        out.put(UInt64(0))
        out.put(UInt32(0))
        out.put(blocks)
        out.put(UInt32(1))  // inodes begin at block 1
        out.put(UInt32(0))
        return out + [UInt8](repeating: 0, count: 1024 + 128 - out.count)
    }
}

extension [UInt8] {
    /// Little-endian.
    fileprivate mutating func put(_ value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
