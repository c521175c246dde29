import Model
import Postgres
import Replication
import TestSupport
import Testing

/// Random transactions over tables that refer to one another, against an oracle that knows foreign keys and unique constraints (P4, P5).
@Suite("Random schedules over related tables against an oracle (P4, P5)") struct FamilyScheduleTests {
    @Test func `every node shows what the rules and the constraints leave, and keeps out the rest`() async throws {
        let seed = testSeed()
        let count = try await TortureTime.rounds(3) { round in try await Self.run(seed &+ UInt64(round)) }
        print("\(count) schedules over related tables, from seed \(seed) on")
    }

    /// The same where the middle hands on what the ends write, and what it keeps out itself.
    @Test func `they do so along a chain`() async throws {
        let seed = testSeed()
        let count = try await TortureTime.rounds(1) { round in try await Self.run(seed &+ UInt64(round), .chain) }
        print("\(count) schedules over related tables in a chain, from seed \(seed) on")
    }

    private static func run(_ seed: UInt64, _ shape: ScheduleShape? = nil) async throws {
        var schedule = FamilySchedule(seed: seed, shape)
        let findings = try await schedule.run()
        guard !findings.isEmpty else { return }
        Issue.record(
            "\(schedule.description): \(findings.joined(separator: "; ")); again with make torture SEED=\(schedule.seed) MINUTES=0"
        )
    }
}

private struct FamilySchedule {
    let seed: UInt64
    /// How sources are linked; nil: each sends to each.
    private let shape: ScheduleShape?
    private var random: SeededRandom
    private let masters: Int
    private let rule: ConflictRule
    private let cascades: Bool
    private var family: FamilyOracle

    private static let rules: [(ConflictRule, String)] = [
        (.latest, "latest"), (.merge, "merge"), (.earliest, "earliest"), (.prefer(["m2"]), "{ prefer: [m2] }"),
    ]

    init(seed: UInt64, _ shape: ScheduleShape?) {
        (self.seed, self.shape) = (seed, shape)
        random = SeededRandom(seed)
        masters = random.number((shape == nil ? 2 : 3)...3)
        rule = Self.rules[Int(seed % UInt64(Self.rules.count))].0
        cascades = random.once(in: 2)
        family = FamilyOracle(
            oracle: Oracle(masters: masters, nodes: masters, rule: rule, counts: false, handsOn: shape != nil))
    }

    var description: String {
        "seed \(seed), \(masters) masters\(shape.map { " in a \($0)" } ?? ""), \(rule)\(cascades ? ", cascades" : "")"
    }

    /// What applications change, by whatever way, is noted by triggers of the test's own, which do not fire where the engine writes.
    private var schema: String {
        """
        CREATE TABLE parent (id int PRIMARY KEY, code int UNIQUE);
        CREATE TABLE child (id int PRIMARY KEY, parent int NOT NULL REFERENCES parent\(cascades ? " ON DELETE CASCADE ON UPDATE CASCADE" : ""), seat int UNIQUE);
        CREATE TABLE tree (id int PRIMARY KEY, above int REFERENCES tree, child int REFERENCES child ON DELETE SET NULL);
        CREATE SCHEMA notes;
        CREATE TABLE notes.change (seq bigserial PRIMARY KEY, txid bigint, relation text, was jsonb, becomes jsonb);
        CREATE FUNCTION notes.take() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                EXECUTE format('INSERT INTO notes.change (txid, relation, was)
                                SELECT pg_current_xact_id()::text::bigint, %1$L, to_jsonb(t) FROM %1$I AS t', TG_TABLE_NAME);
                RETURN NULL;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                IF OLD.id <> NEW.id THEN
                    INSERT INTO notes.change (txid, relation, was, becomes)
                    VALUES (pg_current_xact_id()::text::bigint, TG_TABLE_NAME, to_jsonb(OLD), NULL),
                           (pg_current_xact_id()::text::bigint, TG_TABLE_NAME, NULL, to_jsonb(NEW));
                    RETURN NULL;
                END IF;
            END IF;
            INSERT INTO notes.change (txid, relation, was, becomes)
            VALUES (pg_current_xact_id()::text::bigint, TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW));
            RETURN NULL;
        END $$;
        \(Self.noteTaking)
        """
    }

    private static let noteTaking = FamilyOracle.Table.allCases.map { table in
        """
        CREATE TRIGGER take AFTER INSERT OR UPDATE OR DELETE ON \(table) FOR EACH ROW EXECUTE FUNCTION notes.take();
        CREATE TRIGGER take_all BEFORE TRUNCATE ON \(table) FOR EACH STATEMENT EXECUTE FUNCTION notes.take();
        """
    }.joined(separator: "\n")

    mutating func run() async throws -> [String] {
        let place = try await TestMasters.make(
            schema: schema, masters: masters,
            sync: "    conflict: \(Self.rules[Int(seed % UInt64(Self.rules.count))].1)"
                + (shape.map { "\n" + $0.yaml(masters: masters, targets: 0) } ?? ""))
        try await place.start(settles: false)
        let numbers = try await numbers(place.masters[0])
        for _ in 0..<30 {
            try await write(place, numbers)
            guard random.once(in: 2) else { continue }
            let (from, to) = pairs[random.number(0...(pairs.count - 1))]
            try await place.carry(from, to: to)
            family.oracle.carry(from: from, to: to)
        }
        // What is kept out is tried again each time; once more when nothing comes any longer.
        for _ in 0..<4 { if try await place.catchUp() == 0 { break } }
        for _ in 0..<(shape == nil ? 1 : masters) {
            for (from, to) in pairs { family.oracle.carry(from: from, to: to) }
        }
        return try await findings(place)
    }

    /// Who sends to whom.
    private var pairs: [(Int, Int)] {
        if let links = shape?.links(masters: masters, targets: 0) {
            return links.flatMap { [($0[0], $0[1]), ($0[1], $0[0])] }
        }
        return (0..<masters).flatMap { from in (0..<masters).filter { $0 != from }.map { (from, $0) } }
    }

    /// The tables' numbers, which are part of the names of their deltas.
    private func numbers(_ master: TestDatabase) async throws -> [FamilyOracle.Table: Int] {
        let rows = try await master.rows("SELECT table_name, id FROM switchback.replicated_table")
        return Dictionary(
            uniqueKeysWithValues: FamilyOracle.Table.allCases.map { table in
                (table, rows.first { $0[0] == "\(table)" }.flatMap { $0[1] }.flatMap { Int($0) } ?? 0)
            })
    }

    // MARK: - Writing

    private mutating func write(_ place: TestMasters, _ numbers: [FamilyOracle.Table: Int]) async throws {
        let node = random.number(0...(masters - 1))
        let operations = (0..<random.number(1...5)).map { _ in FamilyWrites.operation(&random) }
        let number = try await place.masters[node].session { session -> String? in
            do {
                try session.execute("BEGIN; \(operations.joined(separator: "; "))")
            } catch let error as PostgresError where ["23503", "23505"].contains(error.sqlState ?? "") {
                // What a master refuses by itself was never written.
                session.rollBack()
                return nil
            }
            let number = try session.query("SELECT pg_current_xact_id()")[0, 0]
            try session.execute("COMMIT")
            return number
        }
        guard let number else { return }
        for change in try await changes(place.masters[node], number, numbers) {
            family.oracle.write(
                node: node, key: change.key, row: change.after, before: change.before, microseconds: change.stamp,
                transaction: UInt64(number) ?? 0)
        }
    }

    /// What a transaction made of each row: what it was before it and after it. A row whose key it gave away, and which is there again
    /// afterwards, is a new one.
    private func changes(
        _ master: TestDatabase, _ number: String, _ numbers: [FamilyOracle.Table: Int]
    ) async throws -> [ScheduleWriter.Done] {
        try await master.session { session in
            let rows = try session.query(
                """
                SELECT relation, id,
                       CASE WHEN NOT bool_or(becomes IS NULL) OR (array_agg(becomes ORDER BY seq DESC))[1] IS NULL
                            THEN (array_agg(was ORDER BY seq))[1] END,
                       (array_agg(becomes ORDER BY seq DESC))[1]
                  FROM (SELECT *, coalesce(becomes, was) ->> 'id' AS id FROM notes.change WHERE txid = \(number)) AS c
                 GROUP BY relation, id ORDER BY min(seq)
                """)
            return try (0..<rows.rowCount).compactMap { row -> ScheduleWriter.Done? in
                guard let table = FamilyOracle.Table.allCases.first(where: { "\($0)" == rows[row, 0] }),
                    let id = rows[row, 1].flatMap({ Int($0) }),
                    let stamp = try ScheduleStamps.read(
                        table: numbers[table] ?? 0, transaction: number, key: id, session)
                else { return nil }
                return ScheduleWriter.Done(
                    key: FamilyOracle.key(table, id), before: try Self.row(rows[row, 2], table, session),
                    after: try Self.row(rows[row, 3], table, session), stamp: stamp)
            }
        }
    }

    private static func row(_ json: String?, _ table: FamilyOracle.Table, _ session: Session) throws -> Oracle.Row? {
        guard let json else { return nil }
        let names =
            [.parent: ("code", "none"), .child: ("parent", "seat"), .tree: ("above", "child")][table] ?? ("", "")
        let values = try session.query(
            "SELECT $1::jsonb ->> '\(names.0)', $1::jsonb ->> '\(names.1)'", [json])
        return Oracle.Row(name: values[0, 0] ?? "", n: values[0, 1].flatMap { Int($0) } ?? -1)
    }

    // MARK: - Checking

    private func findings(_ place: TestMasters) async throws -> [String] {
        let wanted = family.outcome(ids: FamilyWrites.ids)
        var findings: [String] = []
        for (index, node) in place.masters.enumerated() {
            for table in FamilyOracle.Table.allCases {
                let found = try await node.rows("SELECT * FROM \(table) ORDER BY id").map { Self.text(table, $0) }
                if found != wanted.shown[table] ?? [] {
                    findings.append("m\(index + 1) shows \(found), and should \(wanted.shown[table] ?? [])")
                }
            }
            let rows = try await node.rows("SELECT table_name, row_values::text FROM switchback.quarantine")
            let kept = Set(rows.map { "\($0[0] ?? "")(\(($0[1] ?? "").dropFirst().dropLast()))" })
            if kept != wanted.keptOut {
                findings.append("m\(index + 1) keeps out \(kept.sorted()), and should \(wanted.keptOut.sorted())")
            }
        }
        return findings
    }

    private static func text(_ table: FamilyOracle.Table, _ row: [String?]) -> String {
        "\(table)(\(row.map { $0 ?? "NULL" }.joined(separator: ",")))"
    }
}
