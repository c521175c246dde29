import TestSupport

/// Random writes of tables that refer to one another in a ring, and to themselves, each with a unique column: departments with a head among their
/// employees, employees in departments, and a tree of posts under unique names.
enum RingWrites {
    static let ids = 1...5

    static func schema(cascades: Bool) -> String {
        """
        CREATE TABLE department (id int PRIMARY KEY, code int UNIQUE, head int);
        CREATE TABLE employee (id int PRIMARY KEY, department int REFERENCES department\(cascades ? " ON DELETE CASCADE" : ""), desk int UNIQUE);
        ALTER TABLE department ADD FOREIGN KEY (head) REFERENCES employee ON DELETE SET NULL;
        CREATE TABLE post (id int PRIMARY KEY, above int REFERENCES post, name int UNIQUE, holder int REFERENCES employee);
        """
    }

    static func operation(_ random: inout SeededRandom) -> String {
        let (id, other, value) = (random.number(ids), random.number(ids), random.number(1...4))
        if random.once(in: 60) {
            return ["TRUNCATE post", "TRUNCATE department CASCADE"][value % 2]
        }
        let orNull = value > 2 ? "NULL" : "\(other)"
        return switch random.number(0...15) {
        case 0: "DELETE FROM department WHERE id = \(id)"
        case 1: "DELETE FROM employee WHERE id = \(id)"
        case 2: "DELETE FROM post WHERE id = \(id)"
        case 3: "UPDATE department SET head = \(other) WHERE id = \(id)"
        case 4: "UPDATE employee SET department = \(other) WHERE id = \(id)"
        case 5: "UPDATE post SET above = \(other) WHERE id = \(id)"
        case 6: "UPDATE department SET code = \(value) WHERE id = \(id)"
        case 7: "UPDATE employee SET desk = \(value) WHERE id = \(id)"
        case 8: "UPDATE post SET name = \(value) WHERE id = \(id)"
        case 9: FamilyWrites.move(["department", "employee", "post"][value % 3], id, other)
        case 10, 11: ring(id, other, value)
        case 12: "INSERT INTO employee VALUES (\(id), \(orNull), \(value)) ON CONFLICT DO NOTHING"
        case 13: "INSERT INTO department VALUES (\(id), \(value), NULL) ON CONFLICT DO NOTHING"
        default:
            "INSERT INTO post VALUES (\(id), \(orNull), \(value), \(value % 2 == 0 ? "NULL" : "\(other)")) ON CONFLICT DO NOTHING"
        }
    }

    /// A department, its only employee, and this one at its head.
    private static func ring(_ id: Int, _ other: Int, _ value: Int) -> String {
        """
        INSERT INTO department VALUES (\(id), \(value), NULL) ON CONFLICT DO NOTHING;
        INSERT INTO employee SELECT \(other), \(id), \(value) WHERE EXISTS (SELECT FROM department WHERE id = \(id)) ON CONFLICT DO NOTHING;
        UPDATE department SET head = \(other) WHERE id = \(id) AND EXISTS (SELECT FROM employee WHERE id = \(other))
        """
    }

    /// How many rows refer to nothing.
    static let dangling = """
        SELECT (SELECT count(*) FROM department AS c WHERE head IS NOT NULL AND NOT EXISTS (SELECT FROM employee WHERE id = c.head))
             + (SELECT count(*) FROM employee AS c WHERE department IS NOT NULL AND NOT EXISTS (SELECT FROM department WHERE id = c.department))
             + (SELECT count(*) FROM post AS c WHERE above IS NOT NULL AND NOT EXISTS (SELECT FROM post WHERE id = c.above))
             + (SELECT count(*) FROM post AS c WHERE holder IS NOT NULL AND NOT EXISTS (SELECT FROM employee WHERE id = c.holder))
        """

    /// A row as far as constraints look at it.
    struct Row: Hashable {
        var table: String
        var id: String
        var unique: String?
        /// What it refers to: a table and a key each.
        var parents: [[String]]

        /// - Parameter columns: table, key and the other three, those that a table lacks being nil.
        init(_ columns: [String?]) {
            table = columns[0] ?? ""
            id = columns[1] ?? ""
            func reference(_ table: String, _ id: String?) -> [[String]] { id.map { [[table, $0]] } ?? [] }
            switch table {
            case "department": (unique, parents) = (columns[2], reference("employee", columns[3]))
            case "employee": (unique, parents) = (columns[3], reference("department", columns[2]))
            default: (unique, parents) = (columns[3], reference("post", columns[2]) + reference("employee", columns[4]))
            }
        }

        var name: [String] { [table, id] }
        var claim: [String]? { unique.map { [table, $0] } }
    }

    /// Of the rows that are kept out, those that nothing is in the way of: no row that is shown claims what they do, nor does another one of them,
    /// and what they refer to is shown, or is one of them.
    static func free(shown: [Row], kept: [Row]) -> [Row] {
        let names = Set(shown.map(\.name))
        var claims = Set(shown.compactMap(\.claim))
        var twice: Set<[String]> = []
        for claim in kept.compactMap(\.claim) where !claims.insert(claim).inserted { twice.insert(claim) }
        var left = kept.filter { row in !names.contains(row.name) && row.claim.map { !twice.contains($0) } ?? true }
        while true {
            let standing = names.union(left.map(\.name))
            let next = left.filter { $0.parents.allSatisfy { standing.contains($0) } }
            if next.count == left.count { return left }
            left = next
        }
    }

    static let shown = """
        SELECT 'department', id::text, code::text, head::text, NULL FROM department
        UNION ALL SELECT 'employee', id::text, department::text, desk::text, NULL FROM employee
        UNION ALL SELECT 'post', id::text, above::text, name::text, holder::text FROM post
        """
    static let kept = """
        SELECT table_name, row_values[1], row_values[2], row_values[3], row_values[4]
          FROM switchback.quarantine ORDER BY 1, 2
        """
}
