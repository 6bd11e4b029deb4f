// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import PackageDescription

/// As in the package that is measured.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

func atomic(_ names: String...) -> [Target.Dependency] { names.map { .product(name: $0, package: "atomic") } }

func benchmark(_ name: String, _ rooms: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: ["BenchmarkTable", "Floors"] + atomic("AtomicBase") + rooms, swiftSettings: strict)
}

let package = Package(
    name: "atomic-benchmarks",
    dependencies: [.package(name: "atomic", path: "..")],
    targets: [
        // What we are measured against where the peer is a bare loop or a library: C, so that nothing of ours is in it.
        .target(
            name: "Floors", cSettings: [.define("_GNU_SOURCE")],
            linkerSettings: [.linkedLibrary("crypto"), .linkedLibrary("sqlite3")]),
        .target(
            name: "BenchmarkTable", dependencies: ["Floors"] + atomic("AtomicBase"), swiftSettings: strict),
        benchmark("JailBench", atomic("Jail")),
        benchmark("SealingBench", []),
        benchmark("LogBench", atomic("TransparencyLog", "Sealing")),
        benchmark("PolicyBench", atomic("SovereignPolicy", "Sealing")),
        benchmark("AuctionBench", atomic("Auction")),
        benchmark("TriageBench", []),
    ]
)
