/// Quoting of names and values for SQL that must be made at run time.
public enum SQLText {
    /// A name in double quotes.
    public static func identifier(_ name: String) -> String { quoted(name, mark: "\"", doublesBackslash: false) }

    /// A text value in single quotes, whatever `standard_conforming_strings` is: one that holds a backslash becomes `E'…'`.
    /// There is a space before the `E`, so that it never melts with a word to its left.
    public static func literal(_ text: String) -> String {
        let hasBackslash = text.utf8.contains(UInt8(ascii: "\\"))
        return (hasBackslash ? " E" : "") + quoted(text, mark: "'", doublesBackslash: hasBackslash)
    }

    // Bytes, not characters: a quote followed by a combining mark is one Character that equals no quote.
    private static func quoted(_ text: String, mark: Unicode.Scalar, doublesBackslash: Bool) -> String {
        var quoted = String.UnicodeScalarView()
        quoted.append(mark)
        for scalar in text.unicodeScalars {
            if scalar == mark || (doublesBackslash && scalar == "\\") { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append(mark)
        return String(quoted)
    }
}
