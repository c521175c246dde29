import LocalCluster
import Postgres
import TestSupport
import Testing

/// Proves of every batch that it brought its receiver to a state that the source really had.
///
/// The source notes every change of every row with its transaction. The receiver notes at the end of every batch, in its
/// transaction, the cursor and a digest of all tables. Afterwards the source's notes tell what the tables held in each
/// cursor's snapshot. None of it is the engine's code.
struct History: Sendable {
    let pair: TestPair
    /// Tables and the text of their keys, as SQL over a row `r`.
    let tables: [(name: String, key: String)]

    /// Begins to take notes; after the streams have begun.
    func begin() async throws {
        try await pair.source.run(Self.sourceNotes)
        for (name, key) in tables {
            try await pair.source.run(noteChanges(name, key))
        }
        for target in pair.targets {
            try await target.run(Self.witness(tables.map(\.name)))
        }
    }

    /// Compares every batch that came since with what the source held.
    ///
    /// - Returns: how many batches were looked at.
    func check(_ target: TestDatabase? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int {
        let target = target ?? pair.target
        let batches = try await target.rows("SELECT batch, snapshot, digest FROM audit.witness ORDER BY batch")
        let names = tables.map { "'\($0.name)'" }.joined(separator: ", ")
        let digests = try await pair.source.session { session in
            try session.execute("CREATE TEMP TABLE wanted (batch bigint, snapshot text)")
            _ = try session.copyIn("COPY wanted FROM STDIN") { writer in
                for batch in batches { try writer.write("\(batch[0] ?? "")\t\(batch[1] ?? "")\n") }
            }
            let answer = try session.query(
                "SELECT batch, audit.digest(snapshot::pg_snapshot, ARRAY[\(names)]) FROM wanted ORDER BY batch")
            return (0..<answer.rowCount).map { answer[$0, 1] }
        }
        #expect(digests.count == batches.count, sourceLocation: sourceLocation)
        for (batch, wanted) in zip(batches, digests) where batch[2] != wanted {
            Issue.record(
                "batch \(batch[0] ?? "") of \(batch[1] ?? ""): \(batch[2] ?? "") is no state of the source: \(wanted ?? "")",
                sourceLocation: sourceLocation)
        }
        return batches.count
    }

    private static let sourceNotes = """
        CREATE SCHEMA audit;
        CREATE TABLE audit.change (
            seq bigserial PRIMARY KEY, txid bigint NOT NULL, relation text NOT NULL, key text, state text);
        CREATE FUNCTION audit.digest(at pg_snapshot, relations text[]) RETURNS text LANGUAGE sql AS $$
            WITH seen AS MATERIALIZED (
                SELECT * FROM audit.change WHERE pg_visible_in_snapshot(txid::text::xid8, at)
            ), cut AS MATERIALIZED (
                SELECT relation, coalesce(max(seq) FILTER (WHERE key IS NULL), 0) AS seq FROM seen GROUP BY relation
            ), last AS (
                SELECT DISTINCT ON (relation, c.key) relation, c.state FROM seen AS c JOIN cut USING (relation)
                 WHERE c.seq > cut.seq
                 ORDER BY relation, c.key, c.seq DESC
            )
            SELECT string_agg(relation || ' ' || (
                       SELECT count(state) || ' ' || coalesce(md5(string_agg(state, '|' ORDER BY state COLLATE "C")), '')
                         FROM last WHERE last.relation = r.relation), ', ' ORDER BY relation)
              FROM unnest(relations) AS r (relation)
        $$;
        """

    /// The rows that are there already count as changes of now.
    private func noteChanges(_ table: String, _ key: String) -> String {
        """
        CREATE FUNCTION audit.note_\(table)() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            r record;
            number bigint := pg_current_xact_id()::text::bigint;
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                INSERT INTO audit.change (txid, relation) VALUES (number, '\(table)');
                RETURN NULL;
            END IF;
            IF TG_OP <> 'INSERT' THEN
                r := OLD;
                INSERT INTO audit.change (txid, relation, key) VALUES (number, '\(table)', \(key));
            END IF;
            IF TG_OP <> 'DELETE' THEN
                r := NEW;
                INSERT INTO audit.change (txid, relation, key, state) VALUES (number, '\(table)', \(key), NEW::text);
            END IF;
            RETURN NULL;
        END $$;
        BEGIN;
        LOCK TABLE \(table);
        CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON \(table) FOR EACH ROW
            EXECUTE FUNCTION audit.note_\(table)();
        CREATE TRIGGER note_truncate AFTER TRUNCATE ON \(table) FOR EACH STATEMENT
            EXECUTE FUNCTION audit.note_\(table)();
        INSERT INTO audit.change (txid, relation, key, state)
        SELECT pg_current_xact_id()::text::bigint, '\(table)', \(key), r::text FROM \(table) AS r;
        COMMIT;
        """
    }

    private static func witness(_ tables: [String]) -> String {
        let parts = tables.sorted().map {
            "(SELECT '\($0) ' || count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text COLLATE \"C\")), '') FROM public.\($0) AS r)"
        }
        return """
            CREATE SCHEMA audit;
            CREATE TABLE audit.witness (batch bigint, snapshot text, digest text);
            CREATE FUNCTION audit.witness_batch() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO audit.witness
                SELECT NEW.batch, NEW.snapshot::text, concat_ws(', ', \(parts.joined(separator: ", ")));
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER witness AFTER UPDATE ON switchback.cursor DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (NEW.batch <> OLD.batch) EXECUTE FUNCTION audit.witness_batch();
            ALTER TABLE switchback.cursor ENABLE ALWAYS TRIGGER witness;
            """
    }
}
