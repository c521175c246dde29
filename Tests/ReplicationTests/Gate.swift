import Postgres
import TestSupport

/// Holds up whoever writes a certain row, in replica role as well, so that a test can do things in the middle of a copy or
/// a batch.
struct Gate {
    private let database: TestDatabase
    private let holder: Connection

    /// Closes the gate.
    ///
    /// - Parameter row: a condition on NEW.
    init(_ database: TestDatabase, table: String, row: String) async throws {
        self.database = database
        try await database.run(
            """
            CREATE OR REPLACE FUNCTION public.gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF \(row) THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF;
                RETURN NEW;
            END $$;
            DROP TRIGGER IF EXISTS gate ON \(table);
            CREATE TRIGGER gate BEFORE INSERT OR UPDATE ON \(table) FOR EACH ROW EXECUTE FUNCTION public.gate();
            ALTER TABLE \(table) ENABLE ALWAYS TRIGGER gate;
            """)
        holder = try await database.connect()
        try await holder.run { try $0.execute("SELECT pg_advisory_lock(4711)") }
    }

    /// Waits until somebody stands before it.
    func isReached() async throws -> Bool {
        try await eventually {
            try await database.value(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
            ) == "t"
        }
    }

    func open() async { await holder.close() }
}
