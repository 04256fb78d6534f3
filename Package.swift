// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

/// A module of the house: engines and drivers never import one another (see docs/architecture.md).
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Tests of a module; `cases` are folders of recorded cases, read where they stand.
func tests(_ name: String, cases: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"], exclude: cases,
        swiftSettings: strict)
}

let package = Package(
    name: "drover",
    products: [.executable(name: "drover", targets: ["drover"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        module("Fleet", [collections]),
        module("Templating", ["Fleet", collections, crypto]),
        module("Inventories", ["Fleet", "Yams", collections, crypto, cryptoExtras]),
        module("Playbooks", ["Fleet", "Templating", "Inventories", collections, crypto]),
        module("Rollouts", ["Fleet", collections]),
        module("SSH", ["Fleet", "CLibSSH2", crypto]),
        module("Balancing", ["Fleet"]),
        module("Journaling", ["Fleet", grdb]),
        module("Lab", ["Fleet", subprocess]),
        module(
            "CLI",
            [
                "Fleet", "Templating", "Inventories", "Playbooks", "Rollouts", "SSH", "Balancing", "Journaling", "Lab",
                argumentParser, collections, crypto, subprocess, "TextTable",
            ]),
        .executableTarget(name: "drover", dependencies: ["CLI", argumentParser], swiftSettings: strict),

        .target(
            name: "TestSupport", dependencies: ["Fleet", subprocess], path: "Tests/TestSupport",
            exclude: ["Ledger"], swiftSettings: strict),
        tests("Fleet"),
        tests("Templating", cases: ["Vectors"]),
        tests("Inventories", cases: ["Cases"]),
        tests(
            "Playbooks",
            cases: ["Modules/Golden", "Modules/Recorded", "Recorded", "Refused", "Registered", "Connections"]),
        tests("Rollouts", cases: ["Transcripts"]),
        tests("SSH"),
        tests("Balancing", cases: ["Recorded"]),
        tests("Journaling"),
        tests("Lab"),
        tests("CLI"),
    ],
    swiftLanguageModes: [.v6]
)
