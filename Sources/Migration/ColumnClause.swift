/// What a clause of Bucardo's `customcols` asks for.
enum ColumnClause: Equatable {
    /// All columns, as without it.
    case all
    /// These columns, under their own names.
    case columns([String])
    /// More than columns: expressions, other names, a condition.
    case expression

    init(_ clause: String) {
        var rest = clause.trimmingPrefix { $0.isWhitespace }
        guard rest.prefix(6).lowercased() == "select", let next = rest.dropFirst(6).first,
            next.isWhitespace || next == "*" || next == "\""
        else {
            self = .expression
            return
        }
        rest = rest.dropFirst(6)
        let items = Self.items(rest)
        if items == ["*"] {
            self = .all
            return
        }
        var columns: [String] = []
        for item in items {
            guard let name = Self.name(item) else {
                self = .expression
                return
            }
            if !columns.contains(name) { columns.append(name) }
        }
        self = .columns(columns)
    }

    /// What stands between commas outside of quotes. A parenthesis ends in an item that is no name, wherever it is cut.
    private static func items(_ text: Substring) -> [String] {
        var items = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == "," && !isQuoted { items.append("") } else { items[items.count - 1].append(character) }
        }
        return items.map { item in
            var item = item.drop { $0.isWhitespace }
            while let last = item.last, last.isWhitespace || last == ";" { item.removeLast() }
            return String(item)
        }
    }

    /// The column that an item names and does nothing else with; nil when it does.
    private static func name(_ item: String) -> String? {
        if item.hasPrefix("\"") {
            let inner = String(item.dropFirst().dropLast())
            let unescaped = inner.replacing("\"\"", with: "")
            guard item.count > 2, item.hasSuffix("\""), !unescaped.contains("\"") else { return nil }
            return inner.replacing("\"\"", with: "\"")
        }
        guard let first = item.first, first.isLetter || first == "_",
            item.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" })
        else { return nil }
        // As Postgres takes a name without quotes.
        return item.lowercased()
    }
}
