/// Text in columns.
enum TextColumns {
    /// Lines up cells, two spaces apart; the last column is not padded.
    static func lines(_ rows: [[String]]) -> [String] {
        guard let first = rows.first else { return [] }
        let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = "  "
            for (column, cell) in row.enumerated() {
                line += cell + String(repeating: " ", count: max(0, widths[column] - cell.count) + 2)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
