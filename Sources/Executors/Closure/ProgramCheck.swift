// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc

/// Whether a program of the image can start at all, found out before anything is written: it is there, may be executed, is for this
/// machine, and so is what interprets it.
struct ProgramCheck {
    let plan: ImagePlan
    let bundle: BundleFiles

    /// - Parameter key: of model.yaml, for the message.
    /// - Throws: ``ExecutorError`` `closure`.
    func check(_ path: String, named key: String) throws(ExecutorError) {
        var path = path
        var asked = "named by \(key)"
        // A script of a script of …: the kernel follows four (execve(2)).
        for _ in 0..<5 {
            guard let source = plan.files[plan.imagePath(inside: path)] else {
                throw Self.refused(
                    path, asked, "is not in the image",
                    "name it under image.closure.programs, or mount a file of the bundle there")
            }
            let file = try open(source)
            guard Self.isExecutable(file.raw) else {
                throw Self.refused(path, asked, "may not be executed", "set its mode with `chmod +x`")
            }
            let head = try head(of: file.raw, named: path)
            if head.starts(with: Array("#!".utf8)) {
                guard let interpreter = Self.interpreter(head) else {
                    throw Self.refused(
                        path, asked, "has no interpreter in its first line", "begin it with #!/absolute/path")
                }
                asked = "the interpreter of \(path)"
                path = interpreter
                continue
            }
            guard head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
                throw Self.refused(
                    path, asked, "is neither an ELF program nor a script", "name a program, or begin the script with #!"
                )
            }
            guard let object = ELFFile(descriptor: file.raw) else {
                throw Self.refused(
                    path, asked, "is a program for another machine, or damaged (\(Self.machine(head)))",
                    "build it for this one: \(ELFFile.nativeName)")
            }
            if let linker = object.interpreter, plan.files[plan.imagePath(inside: linker)] == nil {
                throw Self.refused(
                    linker, "the dynamic linker of \(path)", "is not in the image",
                    "link the program statically, or list its linker and libraries under image.closure.files")
            }
            return
        }
        throw Self.refused(path, asked, "is one script too many", "name the program that runs them all")
    }

    private func open(_ source: ImagePlan.Source) throws(ExecutorError) -> OwnedFD {
        switch source {
        case .bundle(let path): return try bundle.open(path)
        case .host(let path), .package(let path, _):
            do { return try Files.open(path, O_RDONLY | O_NONBLOCK) } catch {
                throw .image(error.message, cause: error)
            }
        }
    }

    private static func isExecutable(_ descriptor: Int32) -> Bool {
        var status = stat()
        // SAFETY: `status` is valid for the call.
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & 0o111 != 0
    }

    /// What the kernel looks at (BINPRM_BUF_SIZE).
    private func head(of descriptor: Int32, named path: String) throws(ExecutorError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        // SAFETY: the buffer is valid for its own length.
        let got = unsafe pread(descriptor, &bytes, bytes.count, 0)
        guard got >= 0 else { throw .image("read \(path): \(ErrorText.of(errno))") }
        return Array(bytes[..<got])
    }

    private static func interpreter(_ head: [UInt8]) -> String? {
        let line = head.dropFirst(2).prefix { $0 != 0x0a }
        let word = line.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 && $0 != 0x09 && $0 != 0 }
        guard word.first == UInt8(ascii: "/"), head.contains(0x0a) || head.count < 256 else { return nil }
        return String(validating: word, as: UTF8.self)
    }

    private static func machine(_ head: [UInt8]) -> String {
        guard head.count >= 20 else { return "cut off" }
        let bits = head[4] == 2 ? "64 bit" : "32 bit"
        let big = head[5] == 2
        return "\(bits), machine \(Int(head[big ? 19 : 18]) | Int(head[big ? 18 : 19]) << 8)"
    }

    private static func refused(_ path: String, _ asked: String, _ what: String, _ remedy: String) -> ExecutorError {
        ExecutorError(.closure, "\(path), \(asked), \(what)", remedy: remedy)
    }
}
