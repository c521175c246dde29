import Postgres
import TestSupport

/// A schema of related tables, and transactions over it that do everything that transactions do.
enum Shop {
    static let schema = """
        CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, place int UNIQUE, credit numeric(12,2));
        CREATE TABLE purchase (
            id int PRIMARY KEY, customer int NOT NULL REFERENCES customer ON DELETE CASCADE ON UPDATE CASCADE,
            total numeric(12,2) NOT NULL DEFAULT 0);
        CREATE TABLE line (
            purchase int NOT NULL REFERENCES purchase ON DELETE CASCADE, number int NOT NULL, quantity int NOT NULL,
            note text, PRIMARY KEY (purchase, number));
        CREATE TABLE scratch (id int PRIMARY KEY, note text);
        """

    static let tables: [(name: String, key: String)] = [
        ("customer", "r.id::text"), ("purchase", "r.id::text"), ("line", "r.purchase || '/' || r.number"),
        ("scratch", "r.id::text"),
    ]

    static let opens = """
        INSERT INTO customer SELECT g, 'customer ' || g, g, 100 FROM generate_series(1, 40) AS g;
        INSERT INTO purchase SELECT g, 1 + g % 40, 0 FROM generate_series(1, 80) AS g;
        INSERT INTO line SELECT p, n, 1, NULL FROM generate_series(1, 80) AS p, generate_series(1, 3) AS n;
        """

    /// A transaction of several random statements, some of them taken back. One that the server refuses, for a
    /// deadlock or a violated constraint, is rolled back and was nothing.
    static func work(_ session: Session, _ random: inout SeededRandom) throws {
        do throws(any Error) {
            try session.execute("BEGIN")
            for _ in 0..<random.number(1...5) { try part(session, &random) }
            try session.execute(random.once(in: 8) ? "ROLLBACK" : "COMMIT")
        } catch let error as PostgresError where error.kind == .server && !error.isConnectionFailure {
            session.rollBack()
        }
    }

    /// Some statements, now and then under a savepoint; a constraint that they violate there costs them alone.
    private static func part(_ session: Session, _ random: inout SeededRandom) throws {
        let statements = (0..<random.number(1...3)).map { _ in statement(&random) }
        if random.once(in: 3) {
            let end = random.once(in: 2) ? "ROLLBACK TO s" : "RELEASE s"
            try session.execute("SAVEPOINT s")
            do throws(any Error) {
                for statement in statements { try session.execute(statement) }
                try session.execute(end)
            } catch let error as PostgresError where error.sqlState?.hasPrefix("23") == true {
                try session.execute("ROLLBACK TO s")
            }
        } else {
            for statement in statements { try session.execute(statement) }
        }
        if random.once(in: 12) {
            try session.execute("SELECT pg_sleep(\(Double(random.number(10...150)) / 1000))")
        }
    }

    private static func statement(_ random: inout SeededRandom) -> String {
        let (customer, purchase) = (random.number(1...60), random.number(1...120))
        switch random.number(0...20) {
        case 0, 1:
            return
                "INSERT INTO customer VALUES (\(customer), 'new', \(random.number(1...90)), 1) ON CONFLICT (id) DO UPDATE SET name = customer.name || '+'"
        case 2: return "DELETE FROM customer WHERE id = \(customer)"
        case 3: return "UPDATE customer SET id = \(random.number(1...60)) WHERE id = \(customer)"
        case 4:
            // Two unique values change places.
            let other = random.number(1...60)
            return
                "UPDATE customer SET place = NULL WHERE id = \(customer); UPDATE customer SET place = (place * 7 + \(customer)) % 91 WHERE id = \(other)"
        case 5, 6, 7:
            return "UPDATE customer SET credit = credit + \(random.number(1...9)) WHERE id % 5 = \(customer % 5)"
        case 8, 9: return "INSERT INTO purchase SELECT \(purchase), min(id) FROM customer HAVING min(id) IS NOT NULL"
        case 10: return "DELETE FROM purchase WHERE id = \(purchase)"
        case 11, 12:
            return
                "MERGE INTO line AS l USING (SELECT id FROM purchase WHERE id BETWEEN \(purchase) AND \(purchase + 4)) AS p ON l.purchase = p.id AND l.number = 1 WHEN MATCHED THEN UPDATE SET quantity = quantity + 1 WHEN NOT MATCHED THEN INSERT VALUES (p.id, 1, 7, 'merged')"
        case 13, 14, 15:
            return
                "UPDATE line SET quantity = quantity + 1, note = repeat('x', \(random.number(0...40))) WHERE purchase = \(purchase)"
        case 16:
            return
                "UPDATE purchase AS p SET total = (SELECT coalesce(sum(quantity), 0) FROM line WHERE purchase = p.id) WHERE id % 3 = \(purchase % 3)"
        case 17: return "UPDATE line SET number = number + 10 WHERE purchase = \(purchase) AND number < 10"
        case 18:
            // More rows than fit a small batch.
            return
                "INSERT INTO scratch SELECT g, 'n' || \(customer) FROM generate_series(1, \(random.number(1...900))) AS g ON CONFLICT (id) DO UPDATE SET note = excluded.note"
        case 19: return random.once(in: 4) ? "TRUNCATE scratch" : "DELETE FROM scratch WHERE id > \(customer * 10)"
        default: return "UPDATE scratch SET id = id + 1000, note = 'moved' WHERE id = \(purchase)"
        }
    }
}
