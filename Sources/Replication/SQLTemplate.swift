import Assets
import Model
import Postgres

/// A file of `SQL/` with `{placeholders}`, for statements that depend on identifiers.
enum SQLTemplate {
    /// Fills in a template.
    ///
    /// - Parameters:
    ///   - name: its path under `SQL/`, without `.sql`.
    ///   - values: what stands for each placeholder: SQL that is quoted already.
    ///   - commented: whether the file's header stays, for SQL that people are to read.
    ///   - indent: so many spaces before each line but the first, where it is to stand within other text. Not before the lines
    ///     of values: a name may have several.
    /// - Precondition: every placeholder of the file has a value.
    static func render(
        _ name: String, _ values: [String: String] = [:], commented: Bool = false, indent: Int = 0
    ) -> String {
        var body = Assets.sql(name)[...]
        if !commented {
            while body.hasPrefix("--"), let end = body.firstIndex(of: "\n") { body = body[body.index(after: end)...] }
        }
        if indent > 0 { body = body.replacing("\n", with: "\n" + String(repeating: " ", count: indent))[...] }
        var result = ""
        while let open = body.firstIndex(of: "{") {
            guard let close = body[open...].firstIndex(of: "}") else { break }
            let placeholder = String(body[body.index(after: open)..<close])
            result += body[..<open]
            if placeholder.isEmpty || placeholder.contains(where: { !$0.isLetter && $0 != "_" && !$0.isNumber }) {
                result += body[open...close]
            } else if commented && result.isInsideComment {
                // A header names the placeholders in prose; a value of several lines would not stay in it.
                result += body[open...close]
            } else {
                guard let value = values[placeholder] else {
                    preconditionFailure("no value for {\(placeholder)} in \(name)")
                }
                result += value
            }
            body = body[body.index(after: close)...]
        }
        result += body
        return result.trimmingTrailingWhitespace
    }
}

extension String {
    /// Whether the text ends within a `--` comment.
    fileprivate var isInsideComment: Bool {
        let lineStart = lastIndex(of: "\n").map { index(after: $0) } ?? startIndex
        return self[lineStart...].hasPrefix("--")
    }

    fileprivate var trimmingTrailingWhitespace: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension TableName {
    /// The name as it stands in a statement.
    var sql: String { SQLText.identifier(schema) + "." + SQLText.identifier(table) }
}

extension Sequence<String> {
    /// A Postgres array literal of these texts.
    var postgresArray: String {
        "{"
            + map { element in
                "\""
                    // Not by characters: a quote with an accent upon it is one, and equals no quote.
                    + element.unicodeScalars.reduce(into: "") { text, scalar in
                        if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
                        text.unicodeScalars.append(scalar)
                    } + "\""
            }.joined(separator: ",") + "}"
    }
}

extension Sequence where Element: BinaryInteger {
    /// A Postgres array literal of these numbers.
    var postgresArray: String { "{" + map { String($0) }.joined(separator: ",") + "}" }
}
