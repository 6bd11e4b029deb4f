// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import PackageDescription

/// A package of its own, because everything in it is built for libFuzzer (`scripts/soak policy`).
let package = Package(
    name: "atomic-policy-fuzz",
    dependencies: [.package(name: "atomic", path: "../../..")],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "PolicyFuzz",
            dependencies: ["CFuzzer"]
                + ["AtomicBase", "PolicyFile", "SovereignPolicy"].map { .product(name: $0, package: "atomic") },
            swiftSettings: [.swiftLanguageMode(.v6), .strictMemorySafety()]),
    ]
)
