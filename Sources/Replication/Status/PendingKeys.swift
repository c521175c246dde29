import Assets
public import Model
import Postgres

extension PendingRows {
    /// So much of a key is shown.
    private static let charactersMost = 60

    /// The keys of some of the rows, enough for people to see which they are: each in one line, and cut where it is long.
    ///
    /// - Parameter most: how many of a table.
    /// - Returns: keys by table; none of a table without a key.
    /// - Throws: as `count`.
    public func keys(most: Int) async throws -> [TableName: [String]] {
        let (sync, position) = (stream.sync, try await position())
        return try await cluster.asking(stream.source, purpose: "count", deadline: Self.deadline) { session in
            try Self.keys(session, sync, position, most)
        }
    }

    private static func keys(
        _ session: Session, _ sync: String, _ position: StreamPosition, _ most: Int
    ) throws -> [TableName: [String]] {
        let deltas = try session.query(Assets.sql("status/keyed_deltas"), [sync])
        var keys: [TableName: [String]] = [:]
        for row in 0..<deltas.rowCount where deltas.int(row, 3) > 0 {
            let table = TableName(schema: deltas.text(row, 0), table: deltas.text(row, 1))
            let known = keys[table] ?? []
            let window = Window(after: position.since[table] ?? position.snapshot)
            let found = try self.keys(session, in: deltas.text(row, 2), deltas.int(row, 3), window, most)
            keys[table] = Array((known + found.filter { !known.contains($0) }).prefix(most))
        }
        return keys
    }

    private static func keys(
        _ session: Session, in delta: String, _ columns: Int, _ window: Window, _ most: Int
    ) throws -> [String] {
        let parts = (1...columns).map { "d.k\($0)[n]::text" }
        let key = columns == 1 ? parts[0] : "concat_ws(', ', \(parts.joined(separator: ", ")))"
        let answer = try session.query(
            SQLTemplate.render("status/pending_keys", ["delta": delta, "key": key]), window.parameters + [String(most)])
        return (0..<answer.rowCount).compactMap { row in answer[row, 0].map { readable($0, isOne: columns == 1) } }
    }

    /// In one line, whatever stands in it.
    private static func readable(_ key: String, isOne: Bool) -> String {
        let line: [Character] = key.unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : Character($0)
        }
        let text = String(line.prefix(charactersMost)) + (line.count > charactersMost ? "…" : "")
        return isOne ? text : "(\(text))"
    }
}
