/// The tables that a session works on.
enum Dataset: Sendable {
    case pgbench(scale: Int)
    /// Small tables t1, t2, … of a hundred rows each.
    case small(count: Int)

    /// The tables' names, all in the schema `public`; small ones first, so that what copies them in order comes to the
    /// large one last.
    var tables: [String] {
        switch self {
        case .pgbench: ["pgbench_branches", "pgbench_tellers", "pgbench_history", "pgbench_accounts"]
        case .small(let count): (1...count).map { "t\($0)" }
        }
    }

    /// A change of one row, whose arrival shows that a stream runs.
    func canary(_ value: Int) -> String {
        switch self {
        case .pgbench: "UPDATE pgbench_branches SET filler = '\(value)' WHERE bid = 1"
        case .small: "UPDATE t1 SET v = '\(value)' WHERE id = 1"
        }
    }

    /// Whether the canary is there.
    func showsCanary(_ value: Int) -> String {
        switch self {
        // Compared as a number: the column is padded with spaces.
        case .pgbench:
            "SELECT EXISTS (SELECT FROM pgbench_branches WHERE bid = 1 AND btrim(filler) = '\(value)')"
        case .small: "SELECT EXISTS (SELECT FROM t1 WHERE id = 1 AND v = '\(value)')"
        }
    }

    /// Makes the database with its rows.
    func load(_ node: Node, tools: Tools) async throws {
        try await create(node)
        switch self {
        case .pgbench(let scale):
            let common = ["-h", node.host, "-p", "\(node.port)", "-U", node.user]
            try await ProgramRun.run(
                [tools.pgbench] + common + ["-i", "-s", "\(scale)", "-q", node.database], in: tools.scratch)
            try await Link.with(node) {
                try await $0.execute("ALTER TABLE pgbench_history ADD COLUMN hid bigserial PRIMARY KEY")
            }
        case .small(let count):
            let make =
                """
                CREATE TABLE t%1$s (id bigint PRIMARY KEY, n integer, v text); INSERT INTO t%1$s SELECT g, g, \
                md5(g::text) FROM generate_series(1, 100) g
                """
            try await Link.with(node) { link in
                try await link.execute(
                    "DO $$ BEGIN FOR i IN 1..\(count) LOOP EXECUTE format('\(make)', i); END LOOP; END $$")
            }
        }
    }

    /// Makes the same databases elsewhere.
    func copy(_ node: Node, to others: [Node], tools: Tools, schemaOnly: Bool = false) async throws {
        guard let first = others.first else { return }
        try await create(first)
        let options = schemaOnly ? "--schema-only " : ""
        try await tools.shell(
            "'\(tools.pgDump)' \(options)-d '\(node.dsn)' | '\(tools.psql)' -q -X -v ON_ERROR_STOP=1 -d '\(first.dsn)'")
        for other in others.dropFirst() {
            try await Link.with(other.sibling("postgres")) {
                try await $0.execute("CREATE DATABASE \(other.database) TEMPLATE \(first.database)")
            }
        }
    }

    private func create(_ node: Node) async throws {
        try await Link.with(node.sibling("postgres")) { try await $0.execute("CREATE DATABASE \(node.database)") }
    }
}

/// The programs in use, and where they may leave files.
struct Tools: Sendable {
    let binDirectory: String
    let switchback: String
    let scratch: String

    var pgbench: String { "\(binDirectory)/pgbench" }
    var psql: String { "\(binDirectory)/psql" }
    var pgDump: String { "\(binDirectory)/pg_dump" }
    var pgRestore: String { "\(binDirectory)/pg_restore" }

    /// Runs a line of shell, in which a failing part of a pipe fails the whole.
    func shell(_ line: String) async throws {
        try await ProgramRun.run(["bash", "-c", "set -eo pipefail; \(line)"], in: scratch)
    }
}
