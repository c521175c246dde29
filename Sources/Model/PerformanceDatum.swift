/// One measured value, as Nagios plug-ins print them: `time=0.012s;1;5;0;10`.
public struct PerformanceDatum: Sendable, Hashable, Codable {
    public let label: String
    /// The number as it was printed; nil where the plug-in says that it is unknown (`U`).
    public let value: Double?
    /// `s`, `us`, `ms`, `%`, `B`, `KB`, `MB`, `TB`, `c`, or nothing.
    public let unit: String
    /// Thresholds as they were printed: they may be ranges.
    public let warning: String?
    public let critical: String?
    public let minimum: Double?
    public let maximum: Double?

    public init(
        _ label: String, _ value: Double?, unit: String = "", warning: String? = nil, critical: String? = nil,
        minimum: Double? = nil, maximum: Double? = nil
    ) {
        self.label = label
        self.value = value
        self.unit = unit
        self.warning = warning
        self.critical = critical
        self.minimum = minimum
        self.maximum = maximum
    }

    /// A time in seconds.
    public static func seconds(_ label: String, _ duration: Duration) -> PerformanceDatum {
        let parts = duration.components
        let microseconds = Double(parts.seconds) * 1e6 + Double(parts.attoseconds / 1_000_000_000_000)
        return PerformanceDatum(label, microseconds.rounded() / 1e6, unit: "s")
    }
}

/// What a Nagios plug-in printed: a line for people, and what it measured.
public struct PluginText: Sendable, Hashable {
    /// The first line up to the bar.
    public let summary: String
    public let performance: [PerformanceDatum]

    /// Takes a plug-in's output apart. What is after a bar is performance data: in the first line, and from the first bar in
    /// the lines below to the end. Data that cannot be read is left out: it is said beside the result, and is not the result.
    ///
    /// Source of the form: the plug-in API of the Nagios documentation, and the development guidelines of the plug-ins.
    public init(_ output: String) {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        let (first, data) = Self.atBar(lines.first ?? "")
        let rest = lines.dropFirst().joined(separator: "\n")
        let more = Self.atBar(rest[...]).data
        summary = Self.trimmed(first)
        performance = (Self.words(data) + Self.words(more)).compactMap(Self.datum)
    }

    private static func atBar(_ text: Substring) -> (text: Substring, data: Substring) {
        guard let bar = text.firstIndex(of: "|") else { return (text, "") }
        return (text[..<bar], text[text.index(after: bar)...])
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Split at blanks; a label in single quotes may hold some.
    private static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in text {
            if character == "'" { isQuoted.toggle() }
            if character.isWhitespace && !isQuoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func datum(_ word: String) -> PerformanceDatum? {
        guard let equals = word.lastIndex(of: "=") else { return nil }
        var label = String(word[..<equals])
        if label.hasPrefix("'"), label.hasSuffix("'"), label.count > 1 { label = String(label.dropFirst().dropLast()) }
        label = label.replacing("''", with: "'")
        let parts = word[word.index(after: equals)...].split(separator: ";", omittingEmptySubsequences: false)
        let number = parts[0].prefix { $0.isASCII && ($0.isNumber || "+-.,".contains($0)) }
        let unit = String(parts[0].dropFirst(number.count))
        let value = decimal(number)
        guard !label.isEmpty, value != nil || parts[0] == "U" else { return nil }
        func part(_ index: Int) -> Substring? { index < parts.count && !parts[index].isEmpty ? parts[index] : nil }
        return PerformanceDatum(
            label, value, unit: value == nil ? "" : unit, warning: part(1).map(String.init),
            critical: part(2).map(String.init), minimum: part(3).flatMap(decimal), maximum: part(4).flatMap(decimal))
    }

    /// Some plug-ins print a comma for the point, as their language has it.
    private static func decimal(_ text: Substring) -> Double? {
        let number = Double(text.replacing(",", with: "."))
        return number.flatMap { $0.isFinite ? $0 : nil }
    }
}
