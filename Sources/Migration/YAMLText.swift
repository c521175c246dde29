/// Writes texts as YAML that Switchback's own reader takes for what they were.
enum YAMLText {
    /// A text where a value stands: what would be put in for `${NAME}` is kept from being so.
    static func value(_ text: String) -> String { quoted(literal(text)) }

    /// A text as a part of a value that is quoted as a whole later.
    static func literal(_ text: String) -> String { text.replacing("${", with: "$${") }

    /// A text as it stands: a key, or a value in which variables are to be put in.
    static func quoted(_ text: String) -> String {
        if isPlain(text) { return text }
        if text.unicodeScalars.contains(where: isUnprintable) { return escaped(text) }
        let hasMarks = text.utf8.contains(UInt8(ascii: "\"")) || text.utf8.contains(UInt8(ascii: "\\"))
        return hasMarks ? "'" + text.replacing("'", with: "''") + "'" : "\"" + text + "\""
    }

    /// A text as a comment can hold it: on one line.
    static func comment(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isUnprintable($0) ? " " : $0 }))
    }

    /// Whether YAML takes a word as it is.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.lowercased() != "null" else { return false }
        return text.utf8.allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    /// Characters that end a line for YAML, or that it does not allow.
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE...0xFFFF: true
        default: false
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if isUnprintable(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else if scalar == "\"" || scalar == "\\" {
                result += "\\" + String(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Lines of YAML and comments, as wide as people read them.
struct YAMLLines {
    private(set) var lines: [String] = []
    /// What was written as not carried over, in order.
    private(set) var remarks: [Remark] = []
    private static let width = 116

    var text: String { lines.joined(separator: "\n") + "\n" }

    mutating func blank() { lines.append("") }

    mutating func add(_ text: String, _ indent: Int = 0) { lines.append(Self.margin(indent) + text) }

    /// Adds a comment of as many lines as it needs.
    ///
    /// - Parameters:
    ///   - indent: where its `#` stands.
    ///   - first, hanging: how much further its first line begins, and its later ones.
    mutating func comment(_ text: String, _ indent: Int = 0, first: Int = 0, hanging: Int = 0) {
        var line = ""
        var start = Self.margin(indent) + "# " + Self.margin(first)
        for word in YAMLText.comment(text).split(separator: " ") {
            if !line.isEmpty && start.count + line.count + 1 + word.count > Self.width {
                lines.append(start + line)
                start = Self.margin(indent) + "# " + Self.margin(hanging)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        lines.append(line.isEmpty ? Self.margin(indent) + "#" : start + line)
    }

    /// Adds what could not be carried over.
    mutating func add(_ new: [Remark], _ indent: Int = 0) {
        remarks += new
        for remark in new {
            comment("Not carried over: \(remark.was).", indent, hanging: 2)
            comment("Instead: \(remark.instead).", indent, first: 2, hanging: 2)
        }
    }

    /// Adds other lines.
    ///
    /// - Parameter commentedOut: whether they say nothing until the `#` before each is taken away.
    mutating func add(_ other: YAMLLines, commentedOut: Bool = false) {
        lines += commentedOut ? other.lines.map { "#" + $0 } : other.lines
        remarks += other.remarks
    }

    private static func margin(_ count: Int) -> String { String(repeating: " ", count: count) }
}
