import Model
import Postgres

/// How the keys of a table's changes stand in its delta tables, and the SQL that puts them there and takes them out.
///
/// A delta holds the keys of many rows that one statement changed, as arrays side by side: `k1`, `k2`, and so on. A
/// statement that changes half a million rows then costs little more than without its trigger, because it appends a
/// handful of rows. Each array has the key column's own type, so that joins need no casts.
struct DeltaColumns: Sendable, Equatable {
    struct Column: Sendable, Equatable {
        let number: Int
        /// The key column's name, quoted.
        let name: String
        let type: String
        let collation: String?
        /// Arrays of arrays have to be rectangular. A key that is an array stands there as text.
        let isArray: Bool

        var arrayName: String { "k\(number)" }
        /// The type of one value, with its collation.
        fileprivate var typeAndCollation: String { type + (collation.map { " COLLATE \($0)" } ?? "") }
        /// A text, a parameter or a null as a value of the column.
        func typed(_ value: String) -> String { "\(value)::\(typeAndCollation)" }
        fileprivate var elementType: String { isArray ? "pg_catalog.text" : type }
        /// A value of the column as it stands in the array.
        func element(_ value: String) -> String { isArray ? "\(value)::pg_catalog.text" : value }
    }

    let columns: [Column]

    init(_ key: KeyDefinition, of table: TableDefinition) {
        columns = zip(key.columns, 1...).map { name, number in
            let column = table.column(name)
            return Column(
                number: number, name: SQLText.identifier(name), type: column?.bareType ?? "text",
                collation: column?.collation, isArray: column?.isArray ?? false)
        }
    }

    /// `k1, k2`.
    var names: String { columns.map(\.arrayName).joined(separator: ", ") }

    /// For CREATE TABLE. External storage: packing keys would cost more than it saves.
    var definitions: String {
        columns.map { column in
            let collation = column.isArray ? nil : column.collation.map { " COLLATE \($0)" }
            return "\(column.arrayName) \(column.elementType)[]\(collation ?? "") NOT NULL"
        }.joined(separator: ",\n    ")
    }

    /// For CREATE TABLE of a table that has one key a row.
    var scalarDefinitions: String {
        columns.map { "\($0.arrayName) \($0.typeAndCollation) NOT NULL" }.joined(separator: ",\n    ")
    }

    /// Sets the storage of the columns.
    var storage: String { columns.map { "ALTER \($0.arrayName) SET STORAGE EXTERNAL" }.joined(separator: ", ") }

    /// The key of one row, as arrays of one element.
    func single(_ row: String) -> String {
        columns.map { "ARRAY[\($0.element("\(row).\($0.name)"))]" }.joined(separator: ", ")
    }

    /// The columns of many rows, under the names of the arrays, for `aggregates`.
    func elements(_ row: String) -> String {
        columns.map { "\($0.element("\(row).\($0.name)")) AS \($0.arrayName)" }.joined(separator: ", ")
    }

    /// The keys of many rows, which stand under the names of the arrays.
    var aggregates: String {
        columns.map { "pg_catalog.array_agg(\($0.arrayName))" }.joined(separator: ", ")
    }

    /// Takes the keys apart again, each under its array's name.
    var unnested: String {
        columns.map { column in
            let element = "unnest(\(column.arrayName))"
            return "\(column.isArray ? "(\(element))::\(column.type)" : element) AS \(column.arrayName)"
        }.joined(separator: ", ")
    }

    /// Keys that stand under the arrays' names already, for `aggregates`.
    var gathered: String {
        columns.map { "\($0.arrayName)\($0.isArray ? "::pg_catalog.text AS \($0.arrayName)" : "")" }
            .joined(separator: ", ")
    }

    /// The condition that a key that is kept as texts, one of the history's or of the quarantine's, is another one. Values are compared, and not their texts:
    /// 1.0 and 1.00 are one key.
    ///
    /// - Parameters:
    ///   - texts: the array of them.
    ///   - others: the other key's values, of the columns' types.
    ///   - equality: the operators of the key's index.
    func matches(texts: String, _ others: [String], _ equality: [String]) -> String {
        zip(values(texts: texts), zip(others, equality)).map { "\($0) \($1.1) \($1.0)" }.joined(separator: " AND ")
    }

    /// The values of a key that is kept as an array of texts.
    func values(texts: String) -> [String] { columns.map { $0.typed("(\(texts))[\($0.number)]") } }

    /// Nulls of the keys' types, under the names of the arrays.
    var nulls: String {
        columns.map { "\($0.typed("NULL")) AS \($0.arrayName)" }.joined(separator: ", ")
    }

    /// Settings of the functions that write keys: those that decide how a key looks as text, where one does.
    var functionSettings: String {
        guard columns.contains(where: \.isArray) else { return "" }
        let settings = [
            "datestyle = 'ISO, YMD'", "intervalstyle = 'postgres'", "extra_float_digits = '3'", "lc_monetary = 'C'",
            "search_path = pg_catalog, pg_temp",
        ]
        return settings.map { " SET \($0)" }.joined()
    }
}
