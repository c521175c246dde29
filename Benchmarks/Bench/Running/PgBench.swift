/// pgbench: how it is run, and what it says.
struct PgBench: Sendable {
    let program: String
    let node: Node
    let folder: String

    /// The result of a run.
    struct Result: Equatable, Sendable {
        let tps: Double
        let transactions: Int
        let failed: Int
    }

    /// What it printed was not what pgbench prints.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// The arguments of a run.
    ///
    /// - Parameters:
    ///   - seconds: How long.
    ///   - rate: Transactions a second to keep to; as many as go when nil.
    ///   - more: Further options, such as a script.
    func arguments(clients: Int, seconds: Int, rate: Int? = nil, more: [String] = []) -> [String] {
        var all = [program, "-h", node.host, "-p", "\(node.port)", "-U", node.user, "-n", "-M", "prepared"]
        all += ["-c", "\(clients)", "-j", "\(min(2, clients))", "-T", "\(seconds)"]
        if let rate { all += ["-R", "\(rate)"] }
        return all + more + [node.database]
    }

    /// Runs it to its end.
    func run(clients: Int, seconds: Int, rate: Int? = nil, more: [String] = []) async throws -> Result {
        let arguments = arguments(clients: clients, seconds: seconds, rate: rate, more: more)
        return try Self.parse(try await ProgramRun.run(arguments, in: folder))
    }

    /// Starts it.
    func start(clients: Int, seconds: Int, rate: Int? = nil) throws -> RunningProcess {
        try RunningProcess(arguments(clients: clients, seconds: seconds, rate: rate), in: folder)
    }

    /// Reads the summary that pgbench ends with.
    static func parse(_ output: String) throws -> Result {
        var tps: Double?
        var transactions: Int?
        var failed = 0
        for line in output.split(separator: "\n") {
            if line.hasPrefix("tps = "), tps == nil || line.contains("without initial connection") {
                tps = line.dropFirst("tps = ".count).split(separator: " ").first.flatMap { Double($0) }
            } else if let count = number(after: "number of transactions actually processed:", in: line) {
                transactions = count
            } else if let count = number(after: "number of failed transactions:", in: line) {
                failed = count
            }
        }
        guard let tps, let transactions else {
            throw Unreadable(description: "pgbench printed no result: \(output.suffix(500))")
        }
        return Result(tps: tps, transactions: transactions, failed: failed)
    }

    /// `label 123/456` or `label 123 (0.1%)`.
    private static func number(after label: String, in line: Substring) -> Int? {
        guard line.hasPrefix(label) else { return nil }
        return Int(line.dropFirst(label.count).drop { $0 == " " }.prefix { $0.isNumber })
    }
}
