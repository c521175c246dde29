import Assets
import Model
import Postgres

/// Makes rows of a receiver equal to their source's: keeps what will be overwritten in the history, and has the stream carry
/// the rows again, as if they had just been changed.
struct Mending {
    let stream: StreamID
    let source: Connection
    let receiver: Connection

    /// Sets out to mend the rows of a list.
    func mend(_ route: TableRoute, _ list: RepairList, reason: String) async throws {
        let text = DiffText(route: route, buckets: 1)
        try await keep(route, list, reason: reason)
        guard !route.table.isWhole else {
            // Without a key there is nothing smaller to carry than the table.
            let mark = SQLTemplate.render("diff/mark_whole", ["id": "\(route.sourceID)"])
            try await source.run(deadline: TableDiff.deadline) { try $0.execute(mark) }
            return
        }
        try await touch(text, list)
    }

    /// Keeps in the history what the receiver will lose.
    func keep(_ route: TableRoute, _ list: RepairList, reason: String) async throws {
        guard !list.atReceiver.isEmpty else { return }
        let save = DiffText(route: route, buckets: 1).saveHistory(stream, reason: reason)
        try await Self.load(list.atReceiver, receiver)
        try await receiver.run(deadline: TableDiff.deadline) { session in
            try session.transaction {
                try session.execute("SET LOCAL synchronous_commit = on")
                try session.execute(save)
            }
        }
    }

    /// Gathers the keys from both ends at the source, and writes deltas for them.
    private func touch(_ text: DiffText, _ list: RepairList) async throws {
        try await Self.makeStage(text, source)
        if !list.atReceiver.isEmpty {
            try await copyBetween(
                from: receiver, "COPY (\(text.keysOf(atSource: false))) TO STDOUT", to: source,
                "COPY \(DiffText.keyStageName) FROM STDIN", deadline: TableDiff.deadline)
        }
        if !list.atSource.isEmpty {
            let ownKeys = "INSERT INTO \(DiffText.keyStageName) \(text.keysOf(atSource: true))"
            try await Self.load(list.atSource, source)
            try await source.run(deadline: TableDiff.deadline) { try $0.execute(ownKeys) }
        }
        try await Self.touch(text, source)
    }

    /// Makes the stage that keys are gathered in.
    static func makeStage(_ text: DiffText, _ source: Connection) async throws {
        let stage = text.keyStage
        try await source.run(deadline: TableDiff.deadline) { session in
            try session.execute("DROP TABLE IF EXISTS \(DiffText.keyStageName)")
            try session.execute(stage)
        }
    }

    /// Writes deltas for the keys in the stage.
    static func touch(_ text: DiffText, _ source: Connection) async throws {
        let touch = text.touch
        try await source.run(deadline: TableDiff.deadline) { session in
            try session.execute(touch)
            try session.execute("DROP TABLE \(DiffText.keyStageName)")
        }
    }

    /// Puts digests where statements find them.
    static func load(_ spool: DigestSpool, _ connection: Connection) async throws {
        try await connection.run(deadline: TableDiff.deadline) { session in
            try session.execute(SQLTemplate.render("diff/digest_table"))
            try session.execute("TRUNCATE pg_temp.switchback_digest")
            _ = try session.copyIn("COPY pg_temp.switchback_digest FROM STDIN") { writer in
                try spool.read { try writer.write($0) }
            }
            try session.execute("ANALYZE pg_temp.switchback_digest")
        }
    }
}
