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
        _ selected: SelectedTable, source: Catalogue, receiver: Catalogue, sourceName: String, receiverName: String
    ) throws(SchemaDifference) -> TableDefinition {
        let comparison = TableComparison(
            selected: selected, source: source, receiver: receiver, here: sourceName, there: receiverName)
        return try comparison.run()
    }
}

/// The comparison of one table; `here` is the source, `there` the receiver.
private struct TableComparison {
    let selected: SelectedTable
    let source: Catalogue
    let receiver: Catalogue
    let here: String
    let there: String

    private var name: TableName { selected.name }

    func run() throws(SchemaDifference) -> TableDefinition {
        guard let target = receiver.table(name) else {
            throw difference("table \(name) does not exist at \(there)", "create it there as it is at \(here)")
        }
        try checkTable(target)
        for column in selected.columns {
            guard let counterpart = target.column(column) else {
                throw difference(
                    "column \(column) of \(name) exists at \(here) and not at \(there)",
                    "add it at \(there), or drop it at \(here)", column)
            }
            if let definition = selected.definition.column(column) { try check(definition, counterpart) }
        }
        for column in target.columns where !selected.columns.contains(column.name) { try checkUncarried(column) }
        if let key = selected.key, target.counterpart(of: key) == nil {
            throw difference(
                "\(name) has no unique key over (\(key.columns.joined(separator: ", "))) at \(there), as it has at \(here)",
                "create the same primary key or unique index at \(there)", key.columns.first)
        }
        if selected.isMultiMaster { try checkKeyOrder(target) }
        return target
    }

    /// Between sources a row is known by its key's values, at every node in one order.
    private func checkKeyOrder(_ target: TableDefinition) throws(SchemaDifference) {
        guard let key = selected.key, let there = target.counterpart(of: key), there.columns != key.columns else {
            return
        }
        func list(_ columns: [String]) -> String { "(\(columns.joined(separator: ", ")))" }
        throw difference(
            "the key of \(name) is \(list(key.columns)) at \(here) and \(list(there.columns)) at \(self.there), and between sources its columns have to be in one order",
            "create the same primary key or unique index at \(self.there), with its columns in the order of \(here)",
            key.columns.first)
    }

    private func checkTable(_ target: TableDefinition) throws(SchemaDifference) {
        if target.rowSecurityHidesRows {
            throw difference(
                "row security hides rows of \(name) at \(there) from role \(receiver.facts.role)",
                "give the role BYPASSRLS there")
        }
        if target.isUnlogged {
            throw difference(
                "\(name) is unlogged at \(there): a crash would empty it, and nothing would tell",
                "as its owner there: ALTER TABLE \(name.sql) SET LOGGED;")
        }
    }

    private func check(_ column: ColumnDefinition, _ counterpart: ColumnDefinition) throws(SchemaDifference) {
        let what = "column \(column.name) of \(name)"
        if column.type != counterpart.type {
            throw difference(
                "\(what) is \(column.type) at \(here) and \(counterpart.type) at \(there)",
                "give it the same type on both sides", column.name)
        }
        if column.structure != counterpart.structure {
            throw difference(
                "\(what) has a type that is built otherwise at \(there): \(column.structure ?? "") at \(here), \(counterpart.structure ?? "") at \(there)",
                "give the types the same parts in the same order on both sides", column.name)
        }
        if counterpart.generated {
            throw difference(
                "\(what) is generated at \(there) and not at \(here)",
                "make it generated on both sides, or on neither", column.name)
        }
        if holdsMoney(column), !Self.sameLocale(source.facts.monetaryLocale, receiver.facts.monetaryLocale) {
            throw difference(
                "\(what) holds money, and lc_monetary is \(source.facts.monetaryLocale) at \(here) and \(receiver.facts.monetaryLocale) at \(there): the same value would be another amount",
                "set the same lc_monetary on both databases, or make the column numeric", column.name)
        }
    }

    /// A column of the receiver that gets nothing from the source.
    private func checkUncarried(_ column: ColumnDefinition) throws(SchemaDifference) {
        let what = "column \(column.name) of \(name)"
        let counterpart = selected.definition.column(column.name)
        if column.generated { return }
        if counterpart == nil {
            throw difference(
                "\(what) exists at \(there) and not at \(here)", "add it at \(here), or drop it at \(there)",
                column.name)
        }
        let isSubset = selected.definition.columns.contains { !$0.generated && !selected.columns.contains($0.name) }
        if !isSubset && counterpart?.generated ?? false {
            throw difference(
                "\(what) is generated at \(here) and not at \(there)",
                "make it generated on both sides, or on neither", column.name)
        }
        if column.notNull && !column.hasDefault {
            throw difference(
                "\(what) does not travel, and at \(there) it is NOT NULL and has no default",
                "give it a default there, or let it travel", column.name)
        }
    }

    /// The type itself, an array of it, or something built of it.
    private func holdsMoney(_ column: ColumnDefinition) -> Bool {
        let names = [column.bareType, column.domainBase ?? ""]
        return names.contains { $0 == "pg_catalog.money" || $0 == "pg_catalog._money" }
            || (column.structure ?? "").split(whereSeparator: { !$0.isLetter }).contains("money")
    }

    /// Locales are spelt in several ways: `en_US.UTF-8` and `en_US.utf8`, `C` and `POSIX`.
    private static func sameLocale(_ one: String, _ other: String) -> Bool {
        func plain(_ name: String) -> String {
            let head = String(name.prefix { $0 != "." })
            return head == "POSIX" ? "C" : head
        }
        return plain(one) == plain(other)
    }

    private func difference(_ message: String, _ hint: String, _ column: String? = nil) -> SchemaDifference {
        SchemaDifference(table: name, column: column, message: message, hint: hint)
    }
}
