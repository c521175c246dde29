/// The part of a document that is written by a program, between two markers; what people wrote around it stays.
enum Document {
    static let begin = "<!-- bench: begin -->"
    static let end = "<!-- bench: end -->"

    struct Broken: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// A document with its written part replaced.
    ///
    /// - Parameters:
    ///   - old: The document so far; nil where there is none, and then one is begun. One without markers gets them at
    ///     its end.
    ///   - body: The new part.
    /// - Throws: ``Broken`` where the markers are not one pair in order: what lies between them cannot be told then.
    static func replacing(_ old: String?, with body: String) throws -> String {
        let part = "\(begin)\n\n\(trimmed(body))\n\n\(end)\n"
        guard let old, !trimmed(old).isEmpty else { return "# Benchmarks\n\n\(part)" }
        let lines = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let begins = lines.indices.filter { trimmed(lines[$0]) == begin }
        let ends = lines.indices.filter { trimmed(lines[$0]) == end }
        if begins.isEmpty && ends.isEmpty { return trimmedEnd(old) + "\n\n" + part }
        guard begins.count == 1, ends.count == 1, begins[0] < ends[0] else {
            throw Broken(
                description:
                    """
                    the document has \(begins.count) lines \(begin) and \(ends.count) lines \(end), where one \
                    pair in order was expected
                    """
            )
        }
        let before = lines[..<begins[0]].map { $0 + "\n" }.joined()
        let after = lines[(ends[0] + 1)...].joined(separator: "\n")
        return before + part + after
    }

    private static func trimmed(_ text: String) -> String {
        String(trimmedEnd(text).drop(while: \.isWhitespace))
    }

    private static func trimmedEnd(_ text: String) -> String {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
