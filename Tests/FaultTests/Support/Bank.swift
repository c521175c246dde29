import LocalCluster
import Postgres
import TestSupport

/// A bank whose books balance at every moment, in every table and across tables: every entry moves money between accounts,
/// an account's balance is what its entries say, and old entries move from one table to another.
enum Bank {
    static let accounts = 150
    private static let opening = 1000

    static let schema = """
        CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL, entries int NOT NULL DEFAULT 0);
        CREATE TABLE entry (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account int NOT NULL REFERENCES account,
            amount bigint NOT NULL, note text);
        CREATE INDEX ON entry (account);
        CREATE TABLE archive (
            id bigint PRIMARY KEY, account int NOT NULL REFERENCES account, amount bigint NOT NULL, note text);
        CREATE INDEX ON archive (account);
        """

    static let opens = "INSERT INTO account SELECT g, \(opening) FROM generate_series(1, \(accounts)) AS g"

    /// The books as they must be: all money, the sum of all entries, and the accounts that do not agree with theirs.
    private static let audit = """
        SELECT (SELECT sum(balance) FROM account), (SELECT coalesce(sum(amount), 0) FROM booked),
               (SELECT count(*) FROM account AS a
                  LEFT JOIN (SELECT account, sum(amount) AS amount, count(*) AS entries FROM booked GROUP BY account) AS e
                    ON e.account = a.id
                 WHERE a.balance <> \(opening) + coalesce(e.amount, 0) OR a.entries <> coalesce(e.entries, 0))
        """
    private static let booked =
        "WITH booked AS MATERIALIZED (SELECT account, amount FROM entry UNION ALL SELECT account, amount FROM archive) "

    /// What is wrong with the books, in one snapshot; nil when they balance.
    static func imbalance(_ session: Session) throws -> String? {
        let answer = try session.query(booked + audit)
        let found = (0..<3).map { answer[0, $0] ?? "none" }
        let wanted = ["\(accounts * opening)", "0", "0"]
        return found == wanted ? nil : "sum, entries, accounts in disagreement: \(found)"
    }

    /// One transaction of business: mostly a transfer, now and then something larger, or something taken back.
    static func work(_ session: Session, _ random: inout SeededRandom) throws {
        switch random.number(0...39) {
        case 0: try sweep(session, &random)
        case 1...3: try archive(session, &random)
        case 4...6: try regret(session, &random)
        case 7...9: try hesitate(session, &random)
        default: try session.transaction { try transfer(session, &random) }
        }
    }

    private static func transfer(_ session: Session, _ random: inout SeededRandom) throws {
        let pair = [random.number(1...accounts), random.number(1...accounts)].sorted()
        guard pair[0] != pair[1] else { return }
        let amount = random.number(-50...50)
        // In the order of their ids, so that transfers do not wait for each other in circles.
        for (account, amount) in [(pair[0], -amount), (pair[1], amount)] {
            try session.execute(
                "UPDATE account SET balance = balance + \(amount), entries = entries + 1 WHERE id = \(account)")
            try session.execute("INSERT INTO entry (account, amount) VALUES (\(account), \(amount))")
        }
    }

    /// Every account at once, with more rows than fit a small batch.
    private static func sweep(_ session: Session, _ random: inout SeededRandom) throws {
        let amount = random.number(1...9)
        try session.transaction {
            try session.execute("SELECT FROM account ORDER BY id FOR UPDATE")
            try session.execute("UPDATE account SET entries = entries + 4")
            try session.execute(
                "INSERT INTO entry (account, amount, note) SELECT id, CASE WHEN n % 2 = 0 THEN \(amount) ELSE -\(amount) END, 'sweep' FROM account, generate_series(1, 4) AS n"
            )
        }
    }

    /// Old entries move from one table to the other.
    private static func archive(_ session: Session, _ random: inout SeededRandom) throws {
        let account = random.number(1...accounts)
        try session.execute(
            "WITH old AS (DELETE FROM entry WHERE account = \(account) RETURNING id, account, amount, note) INSERT INTO archive SELECT * FROM old"
        )
        guard random.once(in: 4) else { return }
        // Those of a sweep come to nothing, and can be forgotten together.
        try session.transaction {
            try session.execute("SELECT FROM account WHERE id = \(account) FOR UPDATE")
            try session.execute(
                "WITH gone AS (DELETE FROM archive WHERE account = \(account) AND note = 'sweep' RETURNING id) UPDATE account SET entries = entries - (SELECT count(*) FROM gone) WHERE id = \(account)"
            )
        }
    }

    /// Part of a transaction, or all of it, is taken back.
    private static func regret(_ session: Session, _ random: inout SeededRandom) throws {
        try session.execute("BEGIN")
        try transfer(session, &random)
        try session.execute("SAVEPOINT a")
        try transfer(session, &random)
        if random.once(in: 2) {
            try session.execute("ROLLBACK TO a")
        } else {
            try session.execute("RELEASE a")
        }
        try session.execute(random.once(in: 3) ? "ROLLBACK" : "COMMIT")
    }

    /// A transaction that stays open over several batches.
    private static func hesitate(_ session: Session, _ random: inout SeededRandom) throws {
        try session.transaction {
            try transfer(session, &random)
            try session.execute("SELECT pg_sleep(\(Double(random.number(20...120)) / 1000))")
        }
    }
}
