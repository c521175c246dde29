/// A table of text that reads well as it is and as Markdown.
struct TextTable: Equatable, Sendable {
    enum Alignment: Sendable { case left, right }

    let heads: [String]
    let alignments: [Alignment]
    private(set) var rows: [[String]] = []

    /// - Parameter columns: each column's head, and the side that its cells keep to.
    init(_ columns: [(String, Alignment)]) {
        heads = columns.map(\.0)
        alignments = columns.map(\.1)
    }

    mutating func add(_ row: [String]) {
        precondition(row.count == heads.count, "a row of \(row.count) cells in a table of \(heads.count) columns")
        rows.append(row)
    }

    /// The lines of the table, each cell as wide as its column. A bar inside a cell is escaped, a line break is a space.
    var lines: [String] {
        let cells = ([heads] + rows).map { $0.map(Self.escaped) }
        let widths = heads.indices.map { column in max(3, cells.map { $0[column].count }.max() ?? 0) }
        let rule = heads.indices.map { column -> String in
            let dashes = String(repeating: "-", count: widths[column] - 1)
            return alignments[column] == .left ? dashes + "-" : dashes + ":"
        }
        let padded = cells.map { row in heads.indices.map { pad(row[$0], widths[$0], alignments[$0]) } }
        return ([padded[0], rule] + padded.dropFirst()).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    private func pad(_ text: String, _ width: Int, _ alignment: Alignment) -> String {
        let space = String(repeating: " ", count: width - text.count)
        return alignment == .left ? text + space : space + text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
