import Postgres
import TestSupport

/// A bank whose branches all do business with the same accounts, each at a node of its own: balances are counters, so that what every
/// branch moves is in them. A transaction moves money or takes a move back, so the books balance at every moment at every branch,
/// whatever it has heard of the others yet (P2, P3, P4).
enum SharedBank {
    static let accounts = 40
    private static let opening = 1000

    static let schema = """
        CREATE TABLE account (
            id int PRIMARY KEY, holder text, balance bigint NOT NULL DEFAULT 0, entries int NOT NULL DEFAULT 0);
        CREATE TABLE entry (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(), branch int NOT NULL, move uuid NOT NULL,
            account int NOT NULL REFERENCES account, amount bigint NOT NULL);
        CREATE INDEX ON entry (move);
        """
    static let opens = "INSERT INTO account SELECT g, 'nobody', \(opening) FROM generate_series(1, \(accounts)) AS g"
    /// The sync's further lines.
    static let rules = "    conflict: latest\n    overrides: { public.account: { counters: [balance, entries] } }"

    /// What is wrong with the books, in one snapshot; nil when they balance.
    static func imbalance(_ session: Session) throws -> String? {
        let answer = try session.query(
            """
            SELECT (SELECT sum(balance) FROM account), (SELECT coalesce(sum(amount), 0) FROM entry),
                   (SELECT count(*) FROM account AS a
                      LEFT JOIN (SELECT account, sum(amount) AS amount, count(*) AS entries FROM entry GROUP BY account) AS e
                        ON e.account = a.id
                     WHERE a.balance <> \(opening) + coalesce(e.amount, 0) OR a.entries <> coalesce(e.entries, 0))
            """)
        let found = (0..<3).map { answer[0, $0] ?? "none" }
        let wanted = ["\(accounts * opening)", "0", "0"]
        return found == wanted ? nil : "sum, entries, accounts in disagreement: \(found)"
    }

    /// One transaction of a branch's business.
    static func work(branch: Int) -> @Sendable (Session, inout SeededRandom) throws -> Void {
        { session, random in
            switch random.number(0...29) {
            case 0: try sweep(session, branch, &random)
            case 1, 2: try cancel(session, branch)
            case 3, 4: try regret(session, branch, &random)
            case 5: try prepare(session, branch, &random)
            case 6...9:
                try session.execute(
                    "UPDATE account SET holder = 'of \(branch), \(random.number(0...999))' WHERE id = \(random.number(1...accounts))"
                )
            default: try session.transaction { try transfer(session, branch, &random) }
            }
        }
    }

    private static func transfer(_ session: Session, _ branch: Int, _ random: inout SeededRandom) throws {
        let pair = [random.number(1...accounts), random.number(1...accounts)].sorted()
        guard pair[0] != pair[1] else { return }
        let amount = random.number(-50...50)
        // In the order of their ids, so that transfers do not wait for each other in circles.
        try session.execute(
            """
            UPDATE account SET balance = balance + (\(-amount)), entries = entries + 1 WHERE id = \(pair[0]);
            UPDATE account SET balance = balance + (\(amount)), entries = entries + 1 WHERE id = \(pair[1]);
            INSERT INTO entry (branch, move, account, amount)
            SELECT \(branch), m.move, e.account, e.amount
              FROM (SELECT gen_random_uuid() AS move) AS m,
                   (VALUES (\(pair[0]), \(-amount)), (\(pair[1]), \(amount))) AS e (account, amount)
            """)
    }

    /// Every account at once, with more rows than fit a small batch.
    private static func sweep(_ session: Session, _ branch: Int, _ random: inout SeededRandom) throws {
        let amount = random.number(1...9)
        try session.transaction {
            try session.execute("SELECT FROM account ORDER BY id FOR UPDATE")
            try session.execute("UPDATE account SET entries = entries + 30")
            try session.execute(
                """
                INSERT INTO entry (branch, move, account, amount)
                SELECT \(branch), m.move, id, CASE WHEN n % 2 = 0 THEN \(amount) ELSE -\(amount) END
                  FROM account, generate_series(1, 30) AS n, (SELECT gen_random_uuid() AS move) AS m
                """)
        }
    }

    /// A move of the branch's own is as if it had not been.
    private static func cancel(_ session: Session, _ branch: Int) throws {
        try session.transaction {
            let found = try session.query("SELECT move FROM entry WHERE branch = \(branch) LIMIT 1")
            guard found.rowCount == 1, let move = found[0, 0] else { return }
            try session.execute("SELECT FROM account ORDER BY id FOR UPDATE")
            try session.execute(
                """
                WITH gone AS (DELETE FROM entry WHERE move = '\(move)' RETURNING account, amount),
                     sums AS (SELECT account, sum(amount) AS amount, count(*) AS entries FROM gone GROUP BY account)
                UPDATE account SET balance = balance - sums.amount, entries = account.entries - sums.entries
                  FROM sums WHERE id = sums.account
                """)
        }
    }

    /// Part of a transaction, or all of it, is taken back.
    private static func regret(_ session: Session, _ branch: Int, _ random: inout SeededRandom) throws {
        try session.execute("BEGIN")
        try transfer(session, branch, &random)
        try session.execute("SAVEPOINT a")
        try transfer(session, branch, &random)
        try session.execute(random.once(in: 2) ? "ROLLBACK TO a" : "RELEASE a")
        try session.execute(random.once(in: 3) ? "ROLLBACK" : "COMMIT")
    }

    /// A transaction in two phases, that stays prepared for a while.
    private static func prepare(_ session: Session, _ branch: Int, _ random: inout SeededRandom) throws {
        let name = "branch-\(branch)-\(random.next())"
        try session.execute("BEGIN")
        try transfer(session, branch, &random)
        try session.execute("PREPARE TRANSACTION '\(name)'")
        try session.execute("SELECT pg_sleep(0.05)")
        try session.execute("\(random.once(in: 3) ? "ROLLBACK" : "COMMIT") PREPARED '\(name)'")
    }
}
