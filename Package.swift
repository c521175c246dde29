// swift-tools-version: 6.1
import PackageDescription

let swift6: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "switchback",
    products: [.executable(name: "switchback", targets: ["switchback"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        // The C libraries, each with one importer.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CPlatform"),
        .target(name: "CAssets"),
        .target(name: "CSupervisor"),

        .target(name: "Model", swiftSettings: swift6),
        .target(name: "Assets", dependencies: ["CAssets"], swiftSettings: swift6),
        .target(name: "Postgres", dependencies: ["CLibPQ", "CPlatform", "Model"], swiftSettings: swift6),
        .target(name: "HTTP", dependencies: ["CLibCurl", "CPlatform"], swiftSettings: swift6),
        .target(name: "Programs", dependencies: ["CPlatform", subprocess, system], swiftSettings: swift6),
        .target(name: "DNSWire", dependencies: ["CPlatform", "Model"], swiftSettings: swift6),
        .target(
            name: "DNSProviders", dependencies: ["DNSWire", "HTTP", "Model", "Programs", "Settings"],
            swiftSettings: swift6),
        .target(name: "Settings", dependencies: ["Model", "Yams"], swiftSettings: swift6),
        .target(
            name: "Replication", dependencies: ["Assets", "Model", "Postgres", "Settings", logging],
            swiftSettings: swift6),
        .target(
            name: "Health",
            dependencies: ["Assets", "HTTP", "Model", "Postgres", "Programs", "Replication", "Settings", logging],
            swiftSettings: swift6),
        .target(name: "Notify", dependencies: ["HTTP", "Programs", "Settings", logging], swiftSettings: swift6),
        .target(name: "Migration", dependencies: ["Assets", "Model", "Postgres", "Settings"], swiftSettings: swift6),
        .target(name: "Failover", swiftSettings: swift6),
        .target(
            name: "FileSync",
            dependencies: ["Assets", "CPlatform", "Model", "Postgres", "Programs", "Settings", logging],
            swiftSettings: swift6),
        .target(
            name: "Sites",
            dependencies: [
                "Assets", "DNSProviders", "Failover", "FileSync", "HTTP", "Health", "Model", "Notify", "Postgres",
                "Programs", "Replication", "Settings", logging,
            ],
            swiftSettings: swift6),
        .target(
            name: "Console", dependencies: ["Failover", "FileSync", "Health", "Model", "Replication"],
            swiftSettings: swift6),
        .target(
            name: "Demo",
            dependencies: [
                "Assets", "Console", "DNSWire", "Failover", "FileSync", "HTTP", "Health", "LocalCluster", "Model",
                "Postgres", "Programs", "Replication", "Settings", "Sites", logging,
            ],
            swiftSettings: swift6),
        .target(name: "LocalCluster", dependencies: ["CPlatform", "CSupervisor"], swiftSettings: swift6),
        .executableTarget(
            name: "switchback",
            dependencies: [
                "Console", "DNSProviders", "Demo", "Failover", "FileSync", "Health", "LocalCluster", "Migration",
                "Model",
                "Notify", "Postgres", "Replication", "Settings", "Sites", arguments, logging, signals,
            ],
            swiftSettings: swift6),

        .executableTarget(
            name: "bench", dependencies: ["DNSWire", "LocalCluster", "Model", "Postgres", arguments, signals],
            path: "Benchmarks/Bench", swiftSettings: swift6),

        .testTarget(name: "ModelTests", dependencies: ["Model", "TestSupport"], swiftSettings: swift6),
        .testTarget(name: "AssetsTests", dependencies: ["Assets"], swiftSettings: swift6),
        .testTarget(name: "SettingsTests", dependencies: ["Model", "Settings", "TestSupport"], swiftSettings: swift6),
        .testTarget(
            name: "PostgresTests", dependencies: ["LocalCluster", "Postgres", "TestSupport"], swiftSettings: swift6),
        .testTarget(
            name: "LocalClusterTests", dependencies: ["LocalCluster", "Programs"], swiftSettings: swift6),
        .testTarget(name: "DNSWireTests", dependencies: ["DNSWire", "Model", "TestSupport"], swiftSettings: swift6),
        .testTarget(
            name: "DNSProvidersTests",
            dependencies: ["DNSProviders", "DNSWire", "Model", "Programs", "Settings", "TestSupport"],
            swiftSettings: swift6),
        .testTarget(name: "ProgramsTests", dependencies: ["Programs"], swiftSettings: swift6),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "Programs", "TestSupport"], swiftSettings: swift6),
        .testTarget(
            name: "HealthTests",
            dependencies: [
                "Console", "HTTP", "Health", "LocalCluster", "Model", "Postgres", "Programs", "Replication", "Settings",
                "TestSupport", logging,
            ],
            swiftSettings: swift6),
        .testTarget(
            name: "NotifyTests", dependencies: ["HTTP", "Notify", "Settings", "TestSupport", logging],
            swiftSettings: swift6),
        .target(
            name: "TestSupport",
            dependencies: [
                "DNSWire", "LocalCluster", "Model", "Postgres", "Programs", "Replication", "Settings", logging,
            ],
            path: "Tests/TestSupport", exclude: ["Fixtures"], swiftSettings: swift6),
        .testTarget(
            name: "ReplicationTests",
            dependencies: [
                "LocalCluster", "Model", "Postgres", "Programs", "Replication", "Settings", "TestSupport", logging,
            ],
            swiftSettings: swift6),
        .testTarget(
            name: "ConvergenceTests",
            dependencies: [
                "LocalCluster", "Model", "Postgres", "Programs", "Replication", "Settings", "TestSupport", logging,
            ],
            swiftSettings: swift6),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "LocalCluster", "Model", "Postgres", "Programs", "Replication", "Settings", "TestSupport", logging,
            ],
            swiftSettings: swift6),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Console", "LocalCluster", "Postgres", "Programs", "Replication", "TestSupport", "switchback",
                subprocess,
                system,
            ],
            exclude: ["Snapshots"], swiftSettings: swift6),
        .testTarget(
            name: "MigrationTests",
            dependencies: ["LocalCluster", "Migration", "Model", "Postgres", "Settings", "TestSupport"],
            swiftSettings: swift6),
        .testTarget(
            name: "FileSyncTests",
            dependencies: [
                "FileSync", "LocalCluster", "Model", "Postgres", "Programs", "Replication", "Settings", "TestSupport",
                "switchback",
                logging,
            ],
            swiftSettings: swift6),
        .testTarget(name: "ConsoleTests", dependencies: ["Console", "Model", "Replication"], swiftSettings: swift6),
        .testTarget(
            name: "DemoTests",
            dependencies: ["Assets", "DNSProviders", "DNSWire", "Demo", "Model", "Settings", "Sites"],
            swiftSettings: swift6),
        .testTarget(name: "BenchTests", dependencies: ["bench", arguments], swiftSettings: swift6),
        .testTarget(
            name: "FailoverTests",
            dependencies: [
                "DNSWire", "Failover", "FileSync", "HTTP", "LocalCluster", "Model", "Postgres", "Programs",
                "Replication",
                "Settings",
                "Sites", "TestSupport", logging,
            ],
            swiftSettings: swift6),
        .testTarget(name: "TidyTests", swiftSettings: swift6),
    ],
    cLanguageStandard: .c2x
)
