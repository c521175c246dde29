import ArgumentParser

/// The options of the program.
struct BenchOptions: ParsableArguments {
    @Option(help: "The systems, separated by commas; all that this machine has when left out.") var systems: String?
    @Option(help: "The scenarios, separated by commas; all when left out.") var scenarios: String?
    @Option(help: "How many rounds (3; 1 with --quick).") var rounds: Int?
    @Option(help: "pgbench's scale (20; 2 with --quick).") var scale: Int?
    @Option(help: "Seconds of each load (20; 5 with --quick).") var seconds: Int?
    @Option(help: "The number of tables in many_tables (1000; 100 with --quick).") var tables: Int?
    @Option(help: "Seconds that the target is away in outage (60; 600 with --full).") var outage: Int?
    @Option(help: "Seconds of load in soak (120; 1800 with --full).") var soak: Int?
    @Flag(help: "Everything small and once, to try out whether it works.") var quick = false
    @Flag(help: "Outage and long load at full length.") var full = false
    @Option(help: "Write all measurements as one JSON document.") var json: String?
    @Flag(help: "Write the tables into Docs/Benchmarks.md, between its markers.") var write = false
    @Option(
        help: """
            A document that an earlier run wrote with --json, of which the tables take the scenarios that this run leaves out; can \
            be given again, the newest first.
            """) var with: [String] = []
    @Option(
        help: """
            A file that is locked while something is measured, as flock(1) does it, for those who share this machine and \
            lock it while they work.
            """) var lock: String?
    @Flag(help: "List systems and scenarios, and end.") var list = false
    @Flag(help: "Install peers that are missing, with apt-get; needs root.") var installPeers = false
    @Option(help: "The major version of Postgres; Debian's when left out.") var postgres: Int?

    /// How much of everything the options ask for.
    ///
    /// - Throws: ``WrongUsage`` for numbers that make no sense.
    func sizes() throws -> Sizes {
        if quick && full { throw WrongUsage(description: "--quick and --full exclude each other") }
        if quick && write { throw WrongUsage(description: "--write is not for figures of a --quick run") }
        var sizes = quick ? Sizes.quick : Sizes()
        if full { sizes.makeFull() }
        sizes.scale = try Self.positive(scale, "--scale") ?? sizes.scale
        sizes.seconds = try Self.positive(seconds, "--seconds") ?? sizes.seconds
        sizes.tables = try Self.positive(tables, "--tables") ?? sizes.tables
        sizes.outageSeconds = try Self.positive(outage, "--outage") ?? sizes.outageSeconds
        sizes.soakSeconds = try Self.positive(soak, "--soak") ?? sizes.soakSeconds
        if sizes.seconds < 3 { throw WrongUsage(description: "--seconds takes at least 3: lag is looked at after 2") }
        return sizes
    }

    func roundCount() throws -> Int { try Self.positive(rounds, "--rounds") ?? (quick ? 1 : 3) }

    private static func positive(_ value: Int?, _ name: String) throws -> Int? {
        guard let value else { return nil }
        guard value > 0 else { throw WrongUsage(description: "\(name) takes a number greater than zero") }
        return value
    }
}
