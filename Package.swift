// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSockets = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

/// A module of the house: engines and drivers never import one another (see docs/architecture.md).
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// Tests of a module, on top of the real `others`; `cases` are folders of recorded cases, read where they stand.
func tests(_ name: String, beside others: [String] = [], cases: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name] + others).map { .byName(name: $0) } + ["TestSupport"],
        exclude: cases, swiftSettings: strict)
}

let package = Package(
    name: "drover",
    products: [
        .executable(name: "drover", targets: ["drover"]),
        .executable(name: "drover-agent", targets: ["drover-agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        module("Fleet", [collections, deque]),
        module("Values", ["Fleet", "Yams", collections, crypto, cryptoExtras]),
        module("Templating", ["Fleet", "Values", collections, crypto]),
        module("Inventories", ["Fleet", "Values", collections]),
        module("TaskModules", ["Fleet", "Values", collections, crypto]),
        module("Playbooks", ["Fleet", "Values", "Templating", "Inventories", "TaskModules", collections, crypto]),
        module("AdHoc", ["Fleet", "Inventories", crypto]),
        module("Rollouts", ["Fleet", "Values", "Inventories", collections, crypto, subprocess]),
        module("Sampling"),
        module("Insight", ["Fleet", "Values", "Sampling"]),
        module("Agent", ["Sampling"]),
        module("SSH", ["Fleet", "Values", "CLibSSH2", crypto, heap]),
        module("Balancing", ["Fleet"]),
        module("Web", ["Fleet", httpClient, nio, nioHTTP, nioSockets, nioTLS]),
        module("Journaling", ["Fleet", "Values", grdb]),
        module("Lab", ["Fleet", subprocess]),
        module(
            "CLI",
            [
                "Fleet", "Values", "Templating", "Inventories", "TaskModules", "Playbooks", "AdHoc", "Rollouts", "SSH",
                "Insight", "Sampling", "Balancing", "Web", "Journaling", "Lab", argumentParser, collections, crypto,
                subprocess, "TextTable",
            ]),
        .executableTarget(name: "drover", dependencies: ["CLI", argumentParser], swiftSettings: strict),
        .executableTarget(name: "drover-agent", dependencies: ["Agent"], swiftSettings: strict),

        .target(
            name: "TestSupport", dependencies: ["Fleet", "Values", subprocess], path: "Tests/TestSupport",
            exclude: ["Ledger"], swiftSettings: strict),
        tests("Fleet"),
        tests("Values", cases: ["Recorded"]),
        tests("Templating", cases: ["Vectors"]),
        tests("Inventories", cases: ["Cases"]),
        tests("TaskModules", cases: ["Golden", "Recorded"]),
        tests("Playbooks", cases: ["Recorded", "Refused", "Registered", "Connections"]),
        tests("AdHoc"),
        tests("Rollouts", cases: ["Transcripts"]),
        tests("Sampling", cases: ["Recorded", "record"]),
        tests("Agent", beside: ["Sampling"]),
        tests("Insight", cases: ["Recorded"]),
        tests("SSH"),
        tests("Balancing", cases: ["Recorded"]),
        tests("Web"),
        tests("Journaling", beside: ["Web"]),
        tests("Lab"),
        tests("CLI"),
    ],
    swiftLanguageModes: [.v6]
)
