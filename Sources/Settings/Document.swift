import Yams

/// The YAML of a configuration, with the places of all values. Knows nothing of what belongs into it.
enum Document {
    /// The top of the document; nil when there is none. What is wrong is reported.
    static func compose(_ text: String, _ reading: Reading) -> Tree? {
        guard !reportControlCharacters(in: text, reading) else { return nil }
        do {
            let (node, renamed) = try composeWithDuplicates(text)
            guard let node else { return nil }
            var builder = TreeBuilder(renamed: renamed, reading: reading)
            let tree = builder.tree(node)
            if builder.isExhausted {
                reading.report(
                    nil, "the configuration holds more than \(TreeBuilder.valuesMax) values",
                    remedy: "this is no configuration, or its aliases multiply")
                return nil
            }
            return tree
        } catch let error as YamlError {
            report(error, text, reading)
        } catch {
            reading.report(nil, "not valid YAML", remedy: "mend its syntax")
        }
        return nil
    }

    // MARK: Keys that stand twice

    /// Yams refuses a whole document for a key that stands twice, and tells one of the two places. So the key at that place
    /// is marked with a character that no key has, and the document read again: both are in it then, and whatever else is
    /// wrong is found as well. The mark takes the place of one character, so that all places stay as they are.
    private static func composeWithDuplicates(_ text: String) throws -> (Node?, [Place: String]) {
        var text = Array(text.unicodeScalars)
        var renamed: [Place: String] = [:]
        while true {
            do {
                var all = String.UnicodeScalarView()
                all.append(contentsOf: text)
                return (try Yams.compose(yaml: String(all), .basic, .default, .utf8), renamed)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let place = Place(context.mark)
                guard renamed.count < 100, renamed[place] == nil, let key = keys.first,
                    let index = index(of: place, in: text), let target = markable(index, in: text)
                else { throw YamlError.duplicatedKeysInMapping(duplicates: keys, context: context) }
                renamed[place] = key
                text[target] = Unicode.Scalar(0xE000 + UInt32(renamed.count))!
            }
        }
    }

    /// The character of a key that can be replaced without changing what the rest of the document means; nil for an alias, a
    /// tag and the like.
    private static func markable(_ index: Int, in text: [Unicode.Scalar]) -> Int? {
        guard text[index] == "\"" || text[index] == "'" else {
            return "&*!|>{[%@`#".unicodeScalars.contains(text[index]) ? nil : index
        }
        guard index + 1 < text.count, !"\"'\\\r\n".unicodeScalars.contains(text[index + 1]) else { return nil }
        return index + 1
    }

    // MARK: Places

    typealias Place = SettingsError.Place

    /// Where a place is in a text, by libYAML's line breaks.
    private static func index(of place: Place, in text: [Unicode.Scalar]) -> Int? {
        var line = 1
        var column = 1
        for (index, scalar) in text.enumerated() {
            if line == place.line && column == place.column { return index }
            let isBreak =
                ["\n", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
                || scalar == "\r" && (index + 1 == text.count || text[index + 1] != "\n")
            (line, column) = isBreak ? (line + 1, 1) : (line, column + 1)
        }
        return nil
    }

    // MARK: Errors

    /// libYAML tells of one such character without its place.
    private static func reportControlCharacters(in text: String, _ reading: Reading) -> Bool {
        var line = 1
        var column = 1
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: (line, column) = (line + 1, 0)
            case 0x09, 0x0D, 0x85: break
            case 0..<0x20, 0x7F..<0xA0, 0xFFFE...0xFFFF:
                let code = String(scalar.value, radix: 16, uppercase: true)
                reading.report(
                    .init(line: line, column: column), "a control character (U+\(code)) stands here",
                    remedy: "remove it")
                return true
            default: break
            }
            column += 1
        }
        return false
    }

    private static func report(_ error: YamlError, _ text: String, _ reading: Reading) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            reportSyntax(problem, context, Place(mark), text, reading)
        case .composer(_, "but found another document", let mark, _):
            reading.report(
                Place(mark), "a second document begins here", remedy: "keep one; it ends at a line of three dashes")
        case .composer(let context, let problem, let mark, _):
            reportSyntax(problem, context, Place(mark), text, reading)
        case .duplicatedKeysInMapping(let keys, let context):
            reading.report(
                Place(context.mark), "the key \(Reading.shown(keys.first ?? "")) stands twice in one mapping",
                remedy: "keep one of the two")
        default: reading.report(nil, "not valid YAML", remedy: "mend its syntax")
        }
    }

    /// Nothing of the line is shown: it may hold a password.
    private static func reportSyntax(
        _ problem: String, _ context: YamlError.Context?, _ place: Place, _ text: String, _ reading: Reading
    ) {
        let problem = problem.contains("nesting level") ? "nested too deeply" : problem
        var message = "not valid YAML: \(problem)"
        if let context, context.mark.line != place.line {
            message += " \(context.text) that begins on line \(context.mark.line)"
        }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        let line = place.line <= lines.count ? String(lines[place.line - 1]) : ""
        reading.report(place, message, remedy: remedy(for: problem, line))
    }

    private static func remedy(for problem: String, _ line: String) -> String {
        if line.contains("${") { return "put a text with ${NAME} in quotes: \"${NAME}\"" }
        if line.contains("\".\"") || line.contains("\".*") {
            return "put a name that has double quotes in single quotes as well: '\"My Schema\".\"Order.Items\"'"
        }
        if line.contains("\t") { return "indent with spaces, never with tabs" }
        if problem.contains("mapping values are not allowed") || problem.contains("cannot start any token") {
            return "put a text that holds \": \", or begins with * & ! % @ or `, in quotes; look at the indentation"
        }
        if problem == "nested too deeply" { return "this is no configuration" }
        if problem.contains("undefined alias") || problem.contains("alphabetic or numeric") {
            return "put a text that begins with * or & in quotes"
        }
        if problem.contains("unknown escape") { return "write \\ as \\\\ in double quotes, or use single quotes" }
        if problem.contains("unexpected end of stream") { return "close the quote or bracket that is open" }
        if problem.contains("'}'") || problem.contains("']'") {
            return "close the bracket, or put a comma between values"
        }
        return "look at the indentation of this line and the one above; keys of one mapping begin in one column"
    }
}

/// Takes a document over from Yams.
private struct TreeBuilder {
    /// More than any configuration has. Aliases could make any number.
    static let valuesMax = 100_000

    /// Keys that were marked because they stand twice, by their places, as they were.
    let renamed: [SettingsError.Place: String]
    let reading: Reading
    private var values = 0

    init(renamed: [SettingsError.Place: String], reading: Reading) {
        self.renamed = renamed
        self.reading = reading
    }

    var isExhausted: Bool { values > Self.valuesMax }

    mutating func tree(_ node: Node) -> Tree {
        values += 1
        let place = node.mark.map { SettingsError.Place($0) } ?? .init(line: 1, column: 1)
        if isExhausted { return Tree(kind: .list([]), place: place) }
        switch node {
        case .scalar(let scalar):
            return Tree(kind: .scalar(scalar.string, isPlain: scalar.style == .plain), place: place)
        case .sequence(let sequence): return Tree(kind: .list(sequence.map { tree($0) }), place: place)
        case .mapping(let mapping): return Tree(kind: .mapping(entries(mapping)), place: place)
        case .alias(let alias): return Tree(kind: .scalar(alias.anchor.rawValue, isPlain: true), place: place)
        }
    }

    /// The first of each key; the others are reported.
    private mutating func entries(_ mapping: Node.Mapping) -> [Tree.Entry] {
        var first: [String: SettingsError.Place] = [:]
        var entries: [Tree.Entry] = []
        for (key, value) in mapping {
            var key = tree(key)
            if let original = renamed[key.place] {
                key = Tree(kind: .scalar(original, isPlain: false), place: key.place)
            }
            if let text = key.text, !renamed.isEmpty {
                if let earlier = first[text] {
                    reading.report(
                        key.place,
                        "the key \(Reading.shown(text)) stands a second time; the first is on line \(earlier.line)",
                        remedy: "keep one of the two")
                    continue
                }
                first[text] = key.place
            }
            entries.append(Tree.Entry(key: key, value: tree(value)))
        }
        return entries
    }
}

extension SettingsError.Place {
    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
