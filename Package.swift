// swift-tools-version: 6.2

import PackageDescription

/// What every target of ours is compiled with; `docs/decisions.md` says why each is on.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let types = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

/// A library under `Sources/NAME`, or under `Sources/FOLDER/NAME`.
func library(_ name: String, in folder: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: folder.map { "Sources/\($0)/\(name)" }, swiftSettings: settings)
}

/// A C library that is loaded when it is first used; `Sources/NAME` lists the functions.
func lazy(_ name: String) -> Target {
    .target(name: name, dependencies: ["CLazy"], cSettings: [.treatAllWarnings(as: .error)])
}

/// The tests of one target, under `Tests/NAMETests`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: [.target(name: name)] + dependencies, swiftSettings: settings)
}

let package = Package(
    name: "shipit",
    products: [
        .executable(name: "shipit", targets: ["shipit"]),
        .executable(name: "api", targets: ["api"]),
        .executable(name: "web", targets: ["web"]),
        .library(name: "Pipeline", targets: ["Pipeline"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        // The core: pure.
        library("CanonicalJSON", []),
        library("CivilTime", []),
        library("Hashing", [crypto]),
        library("Pipeline", ["CanonicalJSON", "CivilTime", "Hashing", "YAML"]),
        library("Discovery", ["Pipeline"]),
        library("Redaction", []),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        library("YAML", ["CYAML"]),

        // Where tasks run, and when.
        library("Executors", ["CLinux", heap]),

        // What the programs share.
        library("Product", []),

        // The ledger.
        library("Journal", ["Hashing"]),
        library("Records", ["CanonicalJSON", "Hashing", "Journal", "Pipeline"]),

        // Where it is kept: what all stores do alike, a module for each, and what opens any of them.
        library("Storing", in: "Stores", ["Executors", "Hashing", "Journal"]),
        library("SQLiteStores", in: "Stores", ["Hashing", "Journal", "Storing", grdb]),
        library("PostgresStores", in: "Stores", ["Hashing", "Journal", "Postgres", "Storing"]),
        library("RemoteStores", in: "Stores", ["CanonicalJSON", "Executors", "HTTP", "Hashing", "Journal", "Storing"]),
        library("Stores", in: "Stores", ["Journal", "Postgres", "PostgresStores", "RemoteStores", "SQLiteStores"]),

        // The tools, one module each; none knows about stages.
        .systemLibrary(name: "CLinux"),
        .target(name: "CLazy", cSettings: [.treatAllWarnings(as: .error)]),
        lazy("CGit2"),
        lazy("CCurl"),
        lazy("CPostgres"),
        library("Git", ["CGit2", "Executors"]),
        library("HTTP", ["CCurl", "CivilTime"]),
        library("Registry", ["CivilTime", "Hashing", "HTTP"]),
        library("Postgres", ["CLinux", "CPostgres", "Executors"]),
        library("Processes", ["CLinux", "Executors", subprocess, system]),
        library("FolderWatch", ["CLinux", "Executors"]),

        // Actions become effects.
        library(
            "Conductor",
            [
                "CanonicalJSON", "Discovery", "Executors", "FolderWatch", "Git", "HTTP", "Hashing", "Journal", "Pipeline",
                "Postgres", "Processes", "Records", "Redaction", "Registry", "RemoteStores", "Stores",
            ]),

        // What is compressed once and sent often.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        library("Gzip", ["CZlib"]),

        // What people and machines start.
        .executableTarget(
            name: "shipit",
            dependencies: [
                "CanonicalJSON", "Conductor", "Discovery", "Git", "Hashing", "Journal", "Pipeline", "Processes", "Product",
                "Records", "Redaction", "Stores", arguments,
            ],
            swiftSettings: settings),
        library("Serving", ["CanonicalJSON", "Hashing", "Product", hummingbird, lifecycle, logging, nio, signals, types]),
        library(
            "ControlPlane",
            [
                "CanonicalJSON", "HTTP", "Hashing", "Journal", "Pipeline", "Postgres", "PostgresStores", "Product", "Records",
                "RemoteStores", "Serving", "Storing", hummingbird, jwt, lifecycle, logging, types,
            ]),
        library("Dashboard", ["CanonicalJSON", "Gzip", "HTTP", "Hashing", "Serving", hummingbird, lifecycle, logging, types]),
        .executableTarget(
            name: "api", dependencies: ["ControlPlane", "Serving"], path: "Sources/apps/api", swiftSettings: settings),
        .executableTarget(
            name: "web", dependencies: ["Dashboard", "Serving"], path: "Sources/apps/web", exclude: ["Public"],
            swiftSettings: settings),

        // What the services' tests share: a ledger with a story, a peer that says nothing, requests byte by byte.
        .target(
            name: "Services", dependencies: ["CanonicalJSON", "Hashing", "Journal", "Pipeline", "Records", lifecycle, logging],
            path: "Tests/Support/Services",
            swiftSettings: settings),

        // Fills a ledger with what the page is looked at with.
        .executableTarget(
            name: "storyteller", dependencies: ["Journal", "Pipeline", "Records", "Services", "Stores", arguments],
            path: "Tests/Support/Storyteller", swiftSettings: settings),

        // What several tests share.
        .target(
            name: "PostgresServer", dependencies: ["Peers", "Postgres"], path: "Tests/Support/PostgresServer",
            swiftSettings: settings),

        // The API as a store: in front of a database, with tokens.
        .target(
            name: "LedgerAPI",
            dependencies: ["ControlPlane", "HTTP", "Peers", "Pipeline", "Postgres", "PostgresServer", "Services", "Serving"],
            path: "Tests/Support/LedgerAPI", swiftSettings: settings),

        // A small project that is really shipped.
        .target(name: "Shops", dependencies: ["Processes"], path: "Tests/Support/Shops", swiftSettings: settings),

        // Writes to a ledger as one of many.
        .executableTarget(
            name: "writer", dependencies: ["Hashing", "Journal", "Postgres", "Stores"], path: "Tests/Support/Writer",
            swiftSettings: settings),

        // Measures what durability costs.
        .executableTarget(
            name: "ledger-bench", dependencies: ["Journal", "Stores", arguments], path: "Tests/Support/LedgerBench",
            swiftSettings: settings),

        // Breaks shipit on purpose and counts what that did.
        .executableTarget(
            name: "chaos",
            dependencies: [
                "Hashing", "Peers", "Postgres", "PostgresServer", "Processes", "Randomness", "Shops", "Simulation", arguments,
            ],
            path: "Tests/Chaos", swiftSettings: settings),

        // Files below Tests/Fixtures, and snapshots among them.
        .target(name: "FixtureFiles", path: "Tests/Support/Fixtures", swiftSettings: settings),

        // Random numbers that can be had again.
        .target(name: "Randomness", path: "Tests/Support/Randomness", swiftSettings: settings),

        // Real Conductors on machines that exist in a test alone.
        .target(
            name: "Simulation", dependencies: ["Conductor", "Hashing", "Journal", "Pipeline", "Randomness", "Records"],
            path: "Tests/Support/Simulation", swiftSettings: settings),
        tests("Simulation", ["Conductor", "Pipeline"]),

        // The rules of leases as a machine of which every state is visited, which takes minutes without the optimizer.
        .target(
            name: "LeaseModel", path: "Tests/Support/LeaseModel", swiftSettings: settings + [.unsafeFlags(["-O"])]),
        tests("LeaseModel", []),

        tests("CanonicalJSON", ["Randomness"]),
        tests("CivilTime", []),
        tests("Hashing", []),
        tests("Pipeline", ["CanonicalJSON", "FixtureFiles", "Hashing", "Randomness"]),
        tests("Discovery", ["FixtureFiles", "Pipeline", "Randomness"]),
        tests("Redaction", ["Randomness"]),
        tests("YAML", []),
        tests("Journal", ["Hashing", "Randomness"]),
        tests(
            "Records",
            [
                "CanonicalJSON", "Hashing", "Journal", "Pipeline", "Postgres", "PostgresServer", "PostgresStores", "Randomness",
                "SQLiteStores", "Services",
            ]),
        tests(
            "Stores",
            [
                "Hashing", "Journal", "LedgerAPI", "Pipeline", "Postgres", "PostgresServer", "PostgresStores", "Randomness",
                "Records", "RemoteStores", "SQLiteStores", "Services", "Storing",
            ]),
        tests("Executors", ["Randomness"]),
        tests("Git", []),
        tests("HTTP", ["Peers"]),
        tests("Registry", ["Hashing", "HTTP", "Peers"]),
        tests("Serving", ["Services", hummingbird, logging, types]),
        tests(
            "ControlPlane",
            [
                "HTTP", "Hashing", "Journal", "LedgerAPI", "Peers", "Pipeline", "Postgres", "PostgresServer", "PostgresStores",
                "Processes", "Records", "RemoteStores", "SQLiteStores", "Services", "Serving", types,
            ]),
        tests("Conductor", ["FixtureFiles", "HTTP", "Hashing", "Journal", "Peers", "Pipeline", "Processes", "Randomness"]),
        tests("Dashboard", ["Gzip", "HTTP", "Services", "Serving"]),
        tests("Postgres", ["PostgresServer"]),
        tests("Processes", []),
        tests("FolderWatch", []),
        tests("shipit", ["Conductor", "Hashing", "Journal", "Pipeline", "Records"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Hashing", "HTTP", "Journal", "LedgerAPI", "Peers", "Postgres", "PostgresServer", "Processes", "Shops", "Stores",
            ],
            path: "Tests/EndToEnd", swiftSettings: settings),

        // Starts the programs tests talk to.
        .target(name: "Peers", path: "Tests/Support/Peers", swiftSettings: settings),
    ]
)
