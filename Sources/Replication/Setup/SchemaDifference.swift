import Model

/// Why a table cannot travel between two nodes as they are now. Mended by changing either.
struct SchemaDifference: Error, Sendable, Equatable, CustomStringConvertible {
    let table: TableName
    let column: String?
    let message: String
    let hint: String

    var description: String { "\(message)\n  hint: \(hint)" }

    /// Compares a table at its source with its counterpart at a receiver.
    ///
    /// - Returns: the receiver's definition, fit to be written.
    /// - Throws: the first difference.
    static func check(
        _ selected: SelectedTable, receiver: Catalogue, source: String, receiverName: String
    ) throws(SchemaDifference) -> TableDefinition {
        let name = selected.name
        guard let target = receiver.table(name) else {
            throw SchemaDifference(
                table: name, column: nil, message: "table \(name) does not exist at \(receiverName)",
                hint: "create it there as it is at \(source)")
        }
        for column in selected.columns {
            guard let there = target.column(column) else {
                throw SchemaDifference(
                    table: name, column: column,
                    message: "column \(column) of \(name) exists at \(source) and not at \(receiverName)",
                    hint: "add it at \(receiverName), or drop it at \(source)")
            }
            let here = selected.definition.column(column)
            if let here, here.type != there.type {
                throw SchemaDifference(
                    table: name, column: column,
                    message:
                        "column \(column) of \(name) is \(here.type) at \(source) and \(there.type) at \(receiverName)",
                    hint: "give it the same type on both sides")
            }
            if there.generated {
                throw SchemaDifference(
                    table: name, column: column,
                    message: "column \(column) of \(name) is generated at \(receiverName) and not at \(source)",
                    hint: "make it generated on both sides, or on neither")
            }
        }
        let missing = target.columns.first { column in
            !column.generated && !selected.columns.contains(column.name)
                && selected.definition.column(column.name) == nil
        }
        if let missing {
            throw SchemaDifference(
                table: name, column: missing.name,
                message: "column \(missing.name) of \(name) exists at \(receiverName) and not at \(source)",
                hint: "add it at \(source), or drop it at \(receiverName)")
        }
        if let key = selected.key, !target.keys.contains(where: { Set($0.columns) == Set(key.columns) }) {
            throw SchemaDifference(
                table: name, column: key.columns.first,
                message:
                    "\(name) has no unique key over (\(key.columns.joined(separator: ", "))) at \(receiverName), as it has at \(source)",
                hint: "create the same primary key or unique index at \(receiverName)")
        }
        return target
    }
}
