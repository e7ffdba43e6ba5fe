// swift-tools-version: 6.2

import PackageDescription

/// The same rules for every target: imports are explicit, existentials are visible, and a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "httpcron",
    products: [
        .executable(name: "httpcrond", targets: ["httpcrond"])
    ],
    targets: [
        // C, as thin as it goes: declarations, and typed wrappers where Swift cannot call a variadic.
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "CCurl"),
        .target(name: "CChecksum"),

        // The functional core: decides, touches nothing.
        .target(name: "CronCore", swiftSettings: strict),

        // The shell: acts, decides nothing. Imports point downward only.
        .target(name: "Threads", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "Configuration", dependencies: ["CronCore"], swiftSettings: strict),
        .target(name: "Systemd", dependencies: ["CSystemd", "CLinux"], swiftSettings: strict),
        .target(name: "Sockets", dependencies: ["Systemd", "CLinux", "CronCore"], swiftSettings: strict),
        .target(
            name: "CurlTransport", dependencies: ["Sockets", "Systemd", "CCurl", "CLinux", "CronCore", "Threads"],
            swiftSettings: strict),
        .target(
            name: "HTTPServer", dependencies: ["Sockets", "Systemd", "CLinux", "CronCore"], swiftSettings: strict),
        .target(
            name: "History", dependencies: ["CronCore", "Threads", "CChecksum", "CLinux"], swiftSettings: strict),
        .executableTarget(
            name: "httpcrond",
            dependencies: [
                "CurlTransport", "HTTPServer", "Sockets", "Systemd", "History", "Configuration", "Threads", "CLinux",
                "CronCore",
            ],
            exclude: ["httpcrond.8", "httpcron.job.5"], swiftSettings: strict),
        .executableTarget(
            name: "httpcron", dependencies: ["History", "Configuration", "CronCore"], exclude: ["httpcron.8"],
            swiftSettings: strict),

        // Whole lives of the engine and the history over a virtual clock, disk and network, from one seed.
        .executableTarget(
            name: "Simulation", dependencies: ["History", "Threads", "CronCore"], swiftSettings: strict),

        .testTarget(
            name: "httpcronTests", dependencies: ["httpcron", "History", "Threads", "CronCore"], exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(
            name: "CurlTransportTests",
            dependencies: ["CurlTransport", "CCurl", "Sockets", "Systemd", "Threads", "CronCore"],
            swiftSettings: strict),
        .testTarget(name: "httpcrondTests", dependencies: ["httpcrond", "History", "CronCore"], swiftSettings: strict),
        .testTarget(
            name: "HTTPServerTests", dependencies: ["HTTPServer", "Sockets", "Systemd"], swiftSettings: strict),
        .testTarget(name: "SystemdTests", dependencies: ["Systemd", "Threads"], swiftSettings: strict),
        // Answers questions in bulk for Tests/oracles, where other implementations check it.
        .executableTarget(
            name: "ScheduleOracle", dependencies: ["CronCore"], path: "Tests/ScheduleOracle", swiftSettings: strict),

        // Damages histories in bulk: Tests/torture.
        .executableTarget(
            name: "HistoryTorture", dependencies: ["History", "CronCore", "Threads", "CChecksum"],
            path: "Tests/HistoryTorture", swiftSettings: strict),
        // Works a history that Tests/crash kills, cuts and starves, and fills one for Tests/bench.
        .executableTarget(
            name: "HistoryDriver", dependencies: ["History", "CronCore", "Threads"], path: "Tests/HistoryDriver",
            swiftSettings: strict),

        .testTarget(name: "CronCoreTests", dependencies: ["CronCore"], swiftSettings: strict),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "CronCore"], swiftSettings: strict),
        .testTarget(
            name: "HistoryTests", dependencies: ["History", "CronCore", "Threads", "CChecksum"],
            swiftSettings: strict),
    ]
)
