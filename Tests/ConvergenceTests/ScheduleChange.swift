import Postgres
import TestSupport

/// What an application of a schedule does to the table.
enum ScheduleChange {
    /// What is nil stays as it is; an insertion has 0 and an empty name instead.
    case put(Int, name: String?, n: Int?)
    case delete(Int)
    /// The row of one of two keys gets the other, where no row has that. What is nil stays as it is.
    case move(Int, Int, name: String?)
    /// The table is emptied.
    case truncate

    /// A row that a change found or left, or both: of a row that moves there are two.
    struct Effect {
        let key: Int
        /// Nil also for a row that is not the one that had the key before.
        let before: Oracle.Row?
        let after: Oracle.Row?
    }

    /// The rows that nobody else can write meanwhile.
    var keys: Set<Int> {
        switch self {
        case .put(let key, _, _), .delete(let key): [key]
        case .move(let key, let other, _): [key, other]
        case .truncate: Set(Schedule.keys)
        }
    }

    var isTruncation: Bool {
        if case .truncate = self { true } else { false }
    }

    /// Does it in a transaction that is open.
    func apply(_ session: Session) throws -> [Effect] {
        switch self {
        case .put(let key, let name, let n): return try put(key, name, n, session)
        case .delete(let key):
            let before = try Self.rows([key], session)[key]
            try session.execute("DELETE FROM item WHERE id = \(key)")
            return [Effect(key: key, before: before, after: nil)]
        case .move(let key, let other, let name): return try move(key, other, name, session)
        case .truncate:
            try session.execute("LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
            let rows = try Self.rows(Array(Schedule.keys), session)
            try session.execute("TRUNCATE item")
            return rows.map { Effect(key: $0.key, before: $0.value, after: nil) }
        }
    }

    private func put(_ key: Int, _ name: String?, _ n: Int?, _ session: Session) throws -> [Effect] {
        let before = try Self.rows([key], session)[key]
        let after = Oracle.Row(name: name ?? before?.name ?? "", n: n ?? before?.n ?? 0)
        if before == nil {
            try session.execute("INSERT INTO item VALUES (\(key), '\(after.name)', \(after.n))")
        } else {
            let sets = [name.map { "name = '\($0)'" }, n.map { "n = \($0)" }].compactMap { $0 }
            try session.execute("UPDATE item SET \(sets.joined(separator: ", ")) WHERE id = \(key)")
        }
        return [Effect(key: key, before: before, after: after)]
    }

    /// Under the key that it gets the row is a new one.
    private func move(_ key: Int, _ other: Int, _ name: String?, _ session: Session) throws -> [Effect] {
        let rows = try Self.rows([key, other], session)
        guard rows.count == 1, let (from, row) = rows.first else { return [] }
        let to = from == key ? other : key
        let after = Oracle.Row(name: name ?? row.name, n: row.n)
        try session.execute("UPDATE item SET id = \(to), name = '\(after.name)' WHERE id = \(from)")
        return [Effect(key: from, before: row, after: nil), Effect(key: to, before: nil, after: after)]
    }

    private static func rows(_ keys: [Int], _ session: Session) throws -> [Int: Oracle.Row] {
        let list = keys.map(String.init).joined(separator: ", ")
        let found = try session.query("SELECT id, name, n FROM item WHERE id IN (\(list)) ORDER BY id FOR UPDATE")
        return Dictionary(
            uniqueKeysWithValues: (0..<found.rowCount).map { row in
                let number = { found[row, $0].flatMap { Int($0) } ?? 0 }
                return (number(0), Oracle.Row(name: found[row, 1] ?? "", n: number(2)))
            })
    }
}
