import TestSupport

/// Random writes of related tables: parents, their children, and a tree whose rows refer to one another; also rows that get another key, and
/// tables that are emptied.
enum FamilyWrites {
    static let ids = 1...6

    static func operation(_ random: inout SeededRandom) -> String {
        let (id, other, value) = (random.number(ids), random.number(ids), random.number(ids))
        if random.once(in: 40) {
            return ["TRUNCATE tree", "TRUNCATE child CASCADE", "TRUNCATE parent CASCADE"][value % 3]
        }
        return switch random.number(0...11) {
        case 0: "DELETE FROM parent WHERE id = \(id)"
        case 1: "DELETE FROM child WHERE id = \(id)"
        case 2: "DELETE FROM tree WHERE id = \(id)"
        case 3: "UPDATE child SET parent = \(other) WHERE id = \(id)"
        case 4: "UPDATE tree SET above = \(other) WHERE id = \(id)"
        case 10: move("parent", id, other)
        case 11: move(value > 3 ? "child" : "tree", id, other)
        case 5, 6: "INSERT INTO parent VALUES (\(id), \(value)) ON CONFLICT DO NOTHING"
        case 7, 8: "INSERT INTO child VALUES (\(id), \(other), \(value)) ON CONFLICT DO NOTHING"
        default: "INSERT INTO tree VALUES (\(id), \(value > 3 ? "NULL" : "\(other)"), \(value)) ON CONFLICT DO NOTHING"
        }
    }

    /// Gives a row another key, where no row has that.
    static func move(_ table: String, _ id: Int, _ other: Int) -> String {
        "UPDATE \(table) SET id = \(other) WHERE id = \(id) AND NOT EXISTS (SELECT FROM \(table) WHERE id = \(other))"
    }
}
