// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import PackageDescription

/// Every target is compiled alike: Swift 6, explicit unsafety, warnings stop the build.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// A room of the house. Imports only go up this list, to an earlier line (`scripts/check` refuses others).
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "atomic",
    products: [
        .executable(name: "atomic", targets: ["atomic"]),
        .executable(name: "atomic-room", targets: ["atomic-room"]),
        .executable(name: "atomicd", targets: ["atomicd"]),
        .executable(name: "atomic-verify", targets: ["atomic-verify"]),
        .executable(name: "atomic-witness", targets: ["atomic-witness"]),
        .executable(name: "atomic-courier", targets: ["atomic-courier"]),
        // The rooms that `Benchmarks/` and `Tests/Fuzz/policy` use from within.
        .library(name: "AtomicBase", targets: ["AtomicBase"]),
        .library(name: "Sealing", targets: ["Sealing"]),
        .library(name: "TransparencyLog", targets: ["TransparencyLog"]),
        .library(name: "SovereignPolicy", targets: ["SovereignPolicy"]),
        .library(name: "PolicyFile", targets: ["PolicyFile"]),
        .library(name: "Auction", targets: ["Auction"]),
        .library(name: "Jail", targets: ["Jail"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CCap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .systemLibrary(name: "CLinux"),

        room("AtomicBase", ["CLinux", "COpenSSL"]),
        room("Sealing", ["CLinux", "COpenSSL", "AtomicBase", crypto]),
        room("TransparencyLog", ["CLinux", "AtomicBase", "Sealing"]),
        room("SovereignPolicy", ["AtomicBase", "Sealing", "TransparencyLog"]),
        room("PolicyFile", ["AtomicBase", "Sealing", "SovereignPolicy", yams]),
        room("Auction", ["AtomicBase"]),
        room("Adaptation", ["AtomicBase"]),
        room("TypedOutput", ["AtomicBase"]),
        room("Disclosure", ["AtomicBase"]),
        room("Reporting", ["AtomicBase"]),
        room("Jail", ["CLinux", "AtomicBase", "CSeccomp", "CCap"]),
        room("JailShell", ["AtomicBase", "Jail"]),
        // How a supervisor without network code has calls made: what is said to the courier, and its process.
        room("Courier", ["CLinux", "AtomicBase"]),
        room("Executors", ["CLinux", "AtomicBase", "Sealing", "PolicyFile", "TypedOutput", "Jail"]),
        room("RoomStore", ["AtomicBase", "TransparencyLog", grdb]),
        room("AuditBundle", ["AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy"]),
        room("Attestation", ["AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "AuditBundle"]),
        room(
            "CleanRoom",
            [
                "AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "PolicyFile", "Auction", "Adaptation",
                "TypedOutput", "Disclosure", "Reporting", "Jail", "Courier", "Executors", "RoomStore", "AuditBundle",
                "Attestation",
            ]),
        room(
            "Daemon",
            [
                "CLinux", "AtomicBase", "TransparencyLog", "SovereignPolicy", "Jail", "Executors", "RoomStore",
                "CleanRoom",
            ]),
        room("Witness", ["AtomicBase", "Sealing", "TransparencyLog"]),
        // The only rooms that speak HTTP, each in a process of its own.
        room("WitnessServer", ["AtomicBase", "TransparencyLog", "Witness", hummingbird]),
        room("CourierHTTP", ["AtomicBase", "Courier", httpClient]),
        room("VerifyCommand", ["AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "AuditBundle"]),
        room(
            "AtomicCommand",
            [
                "AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "PolicyFile", "Auction", "TypedOutput",
                "Disclosure", "Reporting", "Jail", "JailShell", "Executors", "RoomStore", "AuditBundle", "Attestation",
                "CleanRoom",
                "Daemon", "Witness", arguments,
            ]),
        // Static in a release: `atomic jail` must start as fast as what it is compared with, and the dynamic linker alone
        // takes longer than a jail.
        .executableTarget(
            name: "atomic", dependencies: ["JailShell"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-static-executable"], .when(configuration: .release))]),
        program("atomic-room", ["AtomicCommand"]),
        program("atomicd", ["Daemon"]),
        program("atomic-verify", ["VerifyCommand"]),
        program("atomic-witness", ["WitnessServer"]),
        program("atomic-courier", ["CourierHTTP"]),

        tests("AtomicBaseTests", ["AtomicBase"]),
        tests("SealingTests", ["AtomicBase", "Sealing"]),
        tests("TransparencyLogTests", ["AtomicBase", "Sealing", "TransparencyLog"]),
        tests("WitnessTests", ["AtomicBase", "Sealing", "TransparencyLog", "Witness"]),
        tests("SovereignPolicyTests", ["AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "PolicyFile"]),
        tests("AuctionTests", ["AtomicBase", "Auction"]),
        tests("AdaptationTests", ["AtomicBase", "Adaptation"]),
        tests("TypedOutputTests", ["AtomicBase", "TypedOutput"]),
        tests("DisclosureTests", ["AtomicBase", "Disclosure"]),
        tests("ReportingTests", ["AtomicBase", "Reporting"]),
        tests("JailTests", ["AtomicBase", "Jail"]),
        tests("CourierTests", ["AtomicBase", "Courier"]),
        tests("ExecutorsTests", ["AtomicBase", "Sealing", "PolicyFile", "TypedOutput", "Jail", "Executors"]),
        tests(
            "AuditBundleTests",
            [
                "AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "AuditBundle", "Attestation",
                "TypedOutput", "VerifyCommand",
            ]),
        tests(
            "CleanRoomTests",
            [
                "AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "PolicyFile", "Auction", "Reporting",
                "Jail", "Executors", "RoomStore", "AuditBundle", "Attestation", "CleanRoom",
            ]),
        tests("DaemonTests", ["AtomicBase", "CleanRoom", "Daemon"]),
        tests(
            "AtomicCommandTests",
            ["AtomicBase", "Sealing", "TransparencyLog", "SovereignPolicy", "Auction", "AuditBundle", "AtomicCommand"]),
    ]
)
