// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase

/// A Python interpreter, its standard library and the packages of a virtual environment.
///
/// Packages go where Debian's interpreter looks by itself (`/usr/lib/python3/dist-packages`), so a program needs no path
/// of its own, and the image does not depend on where the environment was made.
enum PythonClosure {
    /// Image path of the packages.
    static let packages = "usr/lib/python3/dist-packages"

    static func add(_ python: ImageClosure.Python, bundle: String, to plan: inout ImagePlan) throws(ExecutorError) {
        let real = FileTree.resolve(python.interpreter) ?? python.interpreter
        // It compiles the image, outside of any jail.
        guard !real.hasPrefix(bundle + "/"), HostFiles.isOfTheSystem(real) || FileFacts(path: real) == nil else {
            throw ExecutorError(
                .closure, "\(python.interpreter) is not an interpreter that only root can have put there",
                remedy: "name the system's, such as /usr/bin/python3")
        }
        try plan.add(program: python.interpreter)
        let library = try standardLibrary(of: python.interpreter)
        try plan.add(tree: library, at: String(library.dropFirst())) { path in
            isLeftOut(path) || leftOutOfLibrary.contains(String(path.prefix { $0 != "/" }))
                || path.hasPrefix("config-")
        }
        guard let venv = python.venv else { return }
        let site = try sitePackages(of: venv, bundle: bundle, version: Files.name(of: library))
        try plan.add(tree: site, at: packages, packages: true) { path in isLeftOut(path) || isInstaller(path) }
    }

    /// `/usr/lib/python3.11` for `/usr/bin/python3`.
    private static func standardLibrary(of interpreter: String) throws(ExecutorError) -> String {
        let real = FileTree.resolve(interpreter) ?? interpreter
        let prefix = Files.parent(of: Files.parent(of: real))
        let library = "\(prefix == "/" ? "" : prefix)/lib/\(Files.name(of: real))"
        guard Files.exists("\(library)/os.py") else {
            throw ExecutorError(
                .closure, "\(interpreter) has no standard library at \(library)",
                remedy: "name an interpreter such as /usr/bin/python3, and install its package")
        }
        return library
    }

    private static func sitePackages(of venv: String, bundle: String, version: String) throws(ExecutorError) -> String {
        let root = venv.hasPrefix("/") ? venv : "\(bundle)/\(venv)"
        guard let site = FileTree.resolve("\(root)/lib/\(version)/site-packages") else {
            throw ExecutorError(
                .closure, "\(root) is not a virtual environment of \(version)",
                remedy: "make it with `python3 -m venv`; for the demo's models run scripts/make-demo-models")
        }
        return site
    }

    /// Tests are a third of the bytes and never imported; byte code is made anew; headers and stubs are for compilers.
    private static func isLeftOut(_ path: String) -> Bool {
        let name = Files.name(of: path)
        if ["__pycache__", "tests", "test"].contains(name) { return true }
        return [".pyc", ".pyi", ".pxd", ".pyx", ".pxi", ".h", ".hpp", ".c", ".cpp", ".f", ".f90", ".a"].contains {
            name.hasSuffix($0)
        }
    }

    private static let leftOutOfLibrary: Set<String> = [
        "idlelib", "turtledemo", "tkinter", "ensurepip", "lib2to3", "site-packages", "dist-packages",
        "EXTERNALLY-MANAGED",
    ]

    /// What put the packages there is not needed to use them.
    private static func isInstaller(_ path: String) -> Bool {
        guard !path.contains("/") else { return false }
        return ["pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth", "wheel"].contains {
            path == $0 || path.hasPrefix($0 + "-")
        }
    }
}
