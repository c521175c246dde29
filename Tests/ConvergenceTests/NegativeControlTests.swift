import Model
import Postgres
import Replication
import TestSupport
import Testing

/// A checker that finds nothing says something only if it finds what is there: each of these faults is put into the nodes' databases, and
/// the checker that otherwise finds no fault must find one (P2 to P5).
@Suite("Faults that are planted into nodes are found (P2, P3, P4, P5)") struct NegativeControlTests {
    struct Control: Sendable, CustomTestStringConvertible {
        let name: String
        let rule: ConflictRule
        var counts = false
        /// Nil: two, and three with links or column by column.
        var masters: Int?
        /// How sources are linked; nil: each sends to each.
        var shape: ScheduleShape?
        /// Whether transactions are to stay open often.
        var opensOften = false
        /// One of so many transactions empties the table.
        var truncatesOnceIn = 12
        /// Whether clocks are left as the fault sets them.
        var stopsClocks = false
        /// What is done to every master; `{node}` is its name.
        let sql: String
        /// What the finding has to say.
        let tells: String

        var testDescription: String { name }
    }

    /// Functions of triggers that stand between the engine and a table: these fire where the engine writes, and those where an
    /// application does.
    private static func trigger(
        _ table: String, _ when: String, _ body: String, mode: String = "ENABLE REPLICA"
    ) -> String {
        """
        CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) END $$;
        CREATE TRIGGER planted \(when) ON \(table) FOR EACH ROW EXECUTE FUNCTION planted();
        ALTER TABLE \(table) \(mode) TRIGGER planted;
        """
    }

    private static func entries(_ body: String) -> String {
        trigger("switchback.version_1", "BEFORE INSERT OR UPDATE", body)
    }

    private static func delta(_ body: String, mode: String) -> String {
        trigger("switchback.delta_1_a", "BEFORE INSERT", body, mode: mode) + """
            CREATE TRIGGER planted BEFORE INSERT ON switchback.delta_1_b FOR EACH ROW EXECUTE FUNCTION planted();
            ALTER TABLE switchback.delta_1_b \(mode) TRIGGER planted;
            """
    }

    /// Now and then the backend that applies a batch is killed in the middle of it, with the cursor moved and rows written. All that
    /// is undone, but for a note that a sequence keeps: that the cursor had been moved for this batch.
    ///
    /// - Parameter skips: when the batch comes again, it goes as if that had been committed by itself, and its rows had got lost.
    private static func cursorFirst(skips: Bool) -> String {
        let sequences = (1...3).map { "CREATE SEQUENCE planted.m\($0);" }.joined()
        return "CREATE SCHEMA planted;" + sequences + """
            CREATE SEQUENCE planted.rows;
            CREATE FUNCTION planted_cursor() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE moved regclass := ('planted.' || NEW.source)::regclass;
            BEGIN
                IF coalesce(pg_sequence_last_value(moved), 0) < NEW.batch THEN
                    PERFORM setval(moved, NEW.batch);
                ELSIF NEW.batch > OLD.batch THEN
                    PERFORM set_config('planted.skips', '\(skips)', true);
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER planted BEFORE UPDATE ON switchback.cursor FOR EACH ROW EXECUTE FUNCTION planted_cursor();
            ALTER TABLE switchback.cursor ENABLE ALWAYS TRIGGER planted;

            """
            + trigger(
                "item", "BEFORE INSERT OR UPDATE OR DELETE",
                """
                IF current_setting('planted.skips', true) = 'true' THEN RETURN NULL; END IF;
                IF nextval('planted.rows') % 13 = 5 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
                """)
    }

    private static let standStill = """
        CREATE OR REPLACE FUNCTION switchback.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS
            'SELECT timestamptz ''2100-01-01''';
        """

    static let controls: [Control] = [
        Control(
            name: "ties by the applying node", rule: .latest, stopsClocks: true,
            sql: trigger(
                "item", "BEFORE UPDATE",
                """
                IF EXISTS (SELECT FROM (TABLE switchback.delta_1_a UNION ALL TABLE switchback.delta_1_b) AS d
                            WHERE OLD.id = ANY (d.k1) AND d.at >= '2100-01-01') THEN RETURN NULL; END IF;
                RETURN NEW;
                """) + standStill,
            tells: "shows"),
        Control(
            name: "no tombstones", rule: .latest, masters: 3,
            sql: entries("IF NOT NEW.alive THEN RETURN NULL; END IF; RETURN NEW;"), tells: "shows"),
        Control(
            name: "no tombstones, column by column", rule: .merge,
            sql: entries("IF NOT NEW.alive THEN RETURN NULL; END IF; RETURN NEW;"), tells: "shows"),
        Control(
            name: "a cursor that takes what is open for past", rule: .latest, opensOften: true,
            sql: trigger(
                "switchback.cursor", "BEFORE UPDATE",
                "NEW.snapshot := (pg_snapshot_xmax(NEW.snapshot) || ':' || pg_snapshot_xmax(NEW.snapshot) || ':')::pg_snapshot; RETURN NEW;",
                mode: "ENABLE ALWAYS")
                    + """
                    CREATE FUNCTION planted_told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        NEW.acknowledged := (pg_snapshot_xmax(NEW.acknowledged) || ':' || pg_snapshot_xmax(NEW.acknowledged) || ':')::pg_snapshot;
                        RETURN NEW;
                    END $$;
                    CREATE TRIGGER told BEFORE UPDATE ON switchback.receiver FOR EACH ROW EXECUTE FUNCTION planted_told();
                    """,
            tells: "shows"),
        Control(
            name: "apply outside the transaction: the cursor and the knowledge go first", rule: .latest,
            sql: cursorFirst(skips: true), tells: "shows"),
        Control(
            name: "apply outside the transaction, along links", rule: .latest, shape: .chain,
            sql: cursorFirst(skips: true), tells: "shows"),
        Control(
            name: "one batch dropped", rule: .latest,
            sql: trigger(
                "item", "BEFORE INSERT OR UPDATE OR DELETE",
                """
                IF EXISTS (SELECT FROM switchback.cursor
                            WHERE batch % 10 = 7 AND xmin::text::bigint = pg_current_xact_id()::text::bigint) THEN RETURN NULL; END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
                """),
            tells: "shows"),
        Control(
            name: "a loser not recorded", rule: .latest,
            sql: trigger(
                "switchback.conflict", "BEFORE INSERT",
                "IF NEW.loser_txid % 2 = 0 THEN RETURN NULL; END IF; RETURN NEW;"),
            tells: "does not tell what lost"),
        Control(
            name: "echo not suppressed", rule: .latest,
            sql: """
                DO $$ DECLARE t name; BEGIN
                    FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'item'::regclass AND tgname LIKE 'switchback_capture%' LOOP
                        EXECUTE format('ALTER TABLE item ENABLE ALWAYS TRIGGER %I', t);
                    END LOOP; END $$
                """,
            tells: ""),
        Control(
            name: "echo not suppressed at one that hands on", rule: .latest, shape: .chain,
            sql: entries("IF '{node}' = 'm2' THEN NEW.as_of := '1:1:'; END IF; RETURN NEW;") + """
                DO $$ DECLARE t name; BEGIN
                    FOR t IN SELECT tgname FROM pg_trigger
                              WHERE '{node}' = 'm2' AND tgrelid = 'item'::regclass AND tgname LIKE 'switchback_capture%' LOOP
                        EXECUTE format('ALTER TABLE item ENABLE ALWAYS TRIGGER %I', t);
                    END LOOP; END $$
                """,
            tells: ""),
        Control(
            name: "what is handed on is not always noted", rule: .latest, shape: .chain,
            sql: delta(
                "IF NEW.op = 'f' AND NEW.txid % 3 = 0 THEN RETURN NULL; END IF; RETURN NEW;", mode: "ENABLE REPLICA"),
            tells: "shows"),
        Control(
            name: "knowledge that goes ahead of the rows", rule: .latest, shape: .chain,
            sql: """
                CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    SELECT coalesce(jsonb_object_agg(key, format('%1$s:%1$s:', pg_snapshot_xmax(value::pg_snapshot)::text::bigint + 50)), '{}')
                      INTO NEW.seen FROM jsonb_each_text(NEW.seen);
                    RETURN NEW;
                END $$;
                CREATE TRIGGER planted BEFORE UPDATE ON switchback.knowledge FOR EACH ROW EXECUTE FUNCTION planted();
                ALTER TABLE switchback.knowledge ENABLE ALWAYS TRIGGER planted;
                """,
            tells: "shows"),
        Control(
            name: "the old key of a row that moves is not told", rule: .latest,
            sql: "ALTER TABLE item DISABLE TRIGGER switchback_capture_key", tells: "shows"),
        Control(
            name: "a TRUNCATE is not told", rule: .latest, truncatesOnceIn: 3,
            sql: "ALTER TABLE item DISABLE TRIGGER switchback_capture_truncate", tells: "shows"),
        Control(
            name: "which columns a change changed is not told", rule: .merge,
            sql: delta("NEW.columns := NULL; RETURN NEW;", mode: "ENABLE"),
            tells: "shows"),
        Control(
            name: "the stamps of columns are ignored", rule: .merge,
            sql: entries(
                """
                SELECT jsonb_object_agg(key, floor(extract(epoch FROM NEW.at) * 1000000)::text || '@' || NEW.origin || ':' || NEW.txid)
                  INTO NEW.stamps FROM jsonb_each(NEW.stamps);
                RETURN NEW;
                """),
            tells: "shows"),
        Control(
            name: "what a node counted is counted twice", rule: .latest, counts: true,
            sql: trigger(
                "switchback.counter_1", "BEFORE INSERT OR UPDATE",
                """
                IF NEW.origin = '{node}' THEN
                    NEW.sum := NEW.sum + NEW.sum - CASE WHEN TG_OP = 'UPDATE' THEN OLD.sum ELSE 0 END;
                END IF;
                RETURN NEW;
                """, mode: "ENABLE"),
            tells: "shows"),
        Control(
            name: "what another counted is counted twice", rule: .merge, counts: true,
            sql: trigger(
                "switchback.counter_1", "BEFORE INSERT OR UPDATE",
                """
                IF NEW.origin NOT IN ('{node}', '') THEN
                    NEW.sum := NEW.sum + NEW.sum - CASE WHEN TG_OP = 'UPDATE' THEN OLD.sum ELSE 0 END;
                END IF;
                RETURN NEW;
                """),
            tells: "shows"),
    ]

    /// Otherwise it would be the kills that the oracle finds.
    @Test(arguments: [nil, ScheduleShape.chain]) func `kills alone are no fault`(_ shape: ScheduleShape?) async throws {
        // Of some seeds' schedules so few batches come to any node that none is killed.
        let seed = testSeed()
        for attempt in 0..<8 {
            var plan = Schedule.Plan(seed: seed &+ UInt64(attempt), shape)
            (plan.masters, plan.targets, plan.steps) = (shape == nil ? 2 : 3, 0, 40)
            (plan.rule, plan.counts, plan.isCommon) = (.latest, false, true)
            var schedule = Schedule(plan)
            var places: [TestMasters] = []
            let findings = try await schedule.run { place in
                places.append(place)
                for master in place.masters { try await master.run(Self.cursorFirst(skips: false)) }
            }
            #expect(findings.isEmpty, "\(schedule.description): \(findings)")
            if try await places[0].answers("SELECT last_value >= 5 FROM planted.rows").contains("t") { return }
        }
        Issue.record("nothing was killed, from seed \(seed) on")
    }

    /// The same schedule without the fault has no finding: the tests of schedules are that.
    @Test(arguments: controls) func `the oracle finds it`(_ control: Control) async throws {
        let seed = testSeed(control.name)
        var plan = Schedule.Plan(seed: seed, control.shape)
        plan.masters = control.masters ?? (control.shape != nil || control.rule == .merge ? 3 : 2)
        plan.truncatesOnceIn = control.truncatesOnceIn
        (plan.targets, plan.rule, plan.counts) = (0, control.rule, control.counts)
        (plan.steps, plan.opensOften, plan.movesClocks) = (Self.stepsMost, control.opensOften, !control.stopsClocks)
        plan.isCommon = true
        var schedule = Schedule(plan)
        let isFound = { (findings: [String]) in
            findings.contains { control.tells.isEmpty || $0.contains(control.tells) }
        }
        let findings = try await schedule.run(checksEvery: Self.checksEvery) { place in
            for (index, master) in place.masters.enumerated() {
                try await master.run(control.sql.replacing("{node}", with: TestMasters.name(index)))
            }
        } until: {
            isFound($0)
        }
        print("\(control.name): \(schedule.stepsDone) steps")
        #expect(isFound(findings), "\(control.name) was not found by \(schedule.description): \(findings)")
    }

    /// Most faults are found by the first check or the second.
    private static let checksEvery = 20
    private static let stepsMost = 800
}
