import Model

/// One value of the document: what it is called, where it stands, and what it is as a type. What does not fit is reported
/// and nil.
struct Value {
    let tree: Tree
    /// `syncs.library.tables`, as errors call it.
    let path: String
    let place: SettingsError.Place
    /// How the value is written with its key, where one is known.
    let example: String?
    /// A key is taken as it stands: nothing is put into it.
    let isKey: Bool
    let reading: Reading

    /// - Parameter keyPlace: where its key stands. What holds other values begins there, for people, and not at the first
    ///   of them on the next line.
    init(
        _ tree: Tree, path: String, keyPlace: SettingsError.Place? = nil, example: String? = nil, isKey: Bool = false,
        reading: Reading
    ) {
        self.tree = tree
        self.path = path
        place = tree.text == nil ? keyPlace ?? tree.place : tree.place
        self.example = example
        self.isKey = isKey
        self.reading = reading
    }

    /// - Parameter message: goes on from the path: `is not a number`.
    func report(_ message: String, remedy: String? = nil) {
        let example = example.map { "write it like \($0)" } ?? "mend it"
        reading.report(place, "\(path) \(message)", remedy: remedy ?? example)
    }

    // MARK: Texts

    /// The text with variables and files put in; never empty.
    ///
    /// - Parameter kind: what belongs there, for errors: `a number`.
    func text(_ kind: String = "a text") -> String? {
        guard let written = written(kind) else { return nil }
        if isKey { return written }
        let text: String
        do { text = try reading.expansion.expand(written) } catch {
            report(error.message, remedy: error.remedy)
            return nil
        }
        if text.isEmpty {
            report(written.isEmpty ? "is empty" : "is empty: \(Reading.shown(written)) holds nothing")
            return nil
        }
        // It would end there for every library in C.
        if text.utf8.contains(0) {
            report("holds a NUL byte", remedy: "take it out")
            return nil
        }
        return text
    }

    func secret() -> Secret? { text().map(Secret.init) }

    /// The name of a node, a site and so on, where it is defined.
    func name() -> String? {
        guard let text = text("a name") else { return nil }
        guard Self.isName(text) else {
            report(
                "cannot be \(shown)",
                remedy:
                    "a name has letters, digits, _ - and ., begins with a letter, a digit or _, and is not longer than 63"
            )
            return nil
        }
        return text
    }

    static func isName(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, scalars.count <= 63 else { return false }
        func isLetter(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isAlphabetic || scalar.properties.generalCategory == .decimalNumber || scalar == "_"
        }
        return isLetter(first) && scalars.allSatisfy { isLetter($0) || $0 == "-" || $0 == "." }
    }

    /// A name that is defined elsewhere in the file.
    ///
    /// - Parameters:
    ///   - kind: `node` or `site`.
    ///   - known: the names that there are; nil when they could not be read, which was reported.
    func reference(to kind: String, among known: [String]?) -> String? {
        guard let text = text("the name of a \(kind)") else { return nil }
        guard let known, !known.contains(text) else { return text }
        let remedy = known.isEmpty ? "define it under \(kind)s" : Reading.suggestion(for: text, among: known)
        report("names no \(kind): \(shown)", remedy: remedy)
        return nil
    }

    func choice(among known: [String]) -> String? {
        guard let text = text("one of \(known.joined(separator: ", "))") else { return nil }
        if known.contains(text) { return text }
        report("cannot be \(shown)", remedy: Reading.suggestion(for: text, among: known))
        return nil
    }

    // MARK: Other scalars

    func flag() -> Bool? {
        guard let text = text("true or false") else { return nil }
        if ["true", "True", "TRUE"].contains(text) { return true }
        if ["false", "False", "FALSE"].contains(text) { return false }
        report("must be true or false, not \(shown)")
        return nil
    }

    func number(_ range: ClosedRange<Int>) -> Int? {
        guard let text = text("a number") else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        report("must be a number from \(range.lowerBound) to \(range.upperBound), not \(shown)")
        return nil
    }

    /// `500ms`, `5s`, `10m`, `1h`.
    ///
    /// - Parameters:
    ///   - least: the shortest that makes sense, written likewise.
    ///   - isWhole: whether it is counted in seconds where it goes.
    func duration(least: String = "1ms", isWhole: Bool = false) -> Duration? {
        guard let text = text("a duration") else { return nil }
        guard let duration = Self.duration(text) else {
            let isNumber = tree.text == text && Int(text).map { $0 >= 0 } ?? false
            report(
                "must be a duration, not \(shown)",
                remedy: isNumber
                    ? "give it a unit: \(text)s" : "write a whole number and its unit: 500ms, 5s, 10m, 1h")
            return nil
        }
        if let shortest = Self.duration(least), duration < shortest {
            report("is too short: \(shown)", remedy: "give it \(least) at least")
            return nil
        }
        if isWhole && duration.components.attoseconds != 0 {
            report("must be whole seconds, not \(shown)")
            return nil
        }
        return duration
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        // Seven digits of hours are a thousand years, more than anything waits, and far from an overflow.
        guard !digits.isEmpty, digits.count <= 7, let number = Int(digits),
            let unit = units[String(text[digits.endIndex...])]
        else { return nil }
        return unit * number
    }

    private static let units: [String: Duration] = [
        "ms": .milliseconds(1), "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600),
    ]

    // MARK: What holds other values

    /// The elements; an empty list is reported unless it means something.
    func list(mayBeEmpty: Bool = false) -> [Value]? {
        guard case .list(let elements) = tree.kind else {
            reportKind("a list")
            return nil
        }
        if elements.isEmpty && !mayBeEmpty {
            report("is an empty list")
            return nil
        }
        return elements.enumerated().map { index, element in
            Value(element, path: "\(path)[\(index + 1)]", reading: reading)
        }
    }

    /// A list of texts, each once.
    func texts(mayBeEmpty: Bool = false) -> [String]? {
        unique(list(mayBeEmpty: mayBeEmpty)) { $0.text() }
    }

    /// A list of patterns for tables, each once.
    func globs(mayBeEmpty: Bool = false) -> [Glob]? {
        unique(list(mayBeEmpty: mayBeEmpty)) { $0.glob() }
    }

    private func unique<Element: Hashable>(_ values: [Value]?, _ read: (Value) -> Element?) -> [Element]? {
        guard let values else { return nil }
        var first: [Element: Value] = [:]
        var elements: [Element] = []
        for value in values {
            guard let element = read(value) else { continue }
            if let earlier = first[element] {
                value.report("repeats \(earlier.path)", remedy: "keep one of the two")
            }
            first[element] = first[element] ?? value
            elements.append(element)
        }
        return elements.count == values.count ? elements : nil
    }

    /// A mapping whose keys are known.
    func section(_ keys: Keys) -> Section? {
        guard let pairs = pairs() else { return nil }
        return Section(pairs, of: self, keys: keys)
    }

    /// A mapping whose keys are names that the file gives, in its order.
    func named() -> [(key: Value, value: Value)]? {
        guard let pairs = pairs() else { return nil }
        if pairs.isEmpty {
            report("is empty")
            return nil
        }
        return pairs
    }

    private func pairs() -> [(key: Value, value: Value)]? {
        guard let entries = tree.entries else {
            reportKind("a mapping")
            return nil
        }
        return entries.map { entry in
            let text = entry.key.text ?? ""
            let shown = Reading.shown(text).dropFirst().dropLast()
            let whole = path.isEmpty ? String(shown) : "\(path).\(shown)"
            let keyValue = Value(entry.key, path: whole, isKey: true, reading: reading)
            return (keyValue, Value(entry.value, path: whole, keyPlace: keyValue.place, reading: reading))
        }
    }

    /// A pattern for tables.
    func glob() -> Glob? {
        guard let text = text("a pattern for tables") else { return nil }
        do { return try Glob(text) } catch {
            report("\(error): \(shown)", remedy: error.remedy)
            return nil
        }
    }

    // MARK: Kinds

    /// The text as it stands in the file.
    private func written(_ kind: String) -> String? {
        guard let text = tree.text, isKey || !tree.isNull else {
            reportKind(kind)
            return nil
        }
        return text
    }

    var isEmptyMapping: Bool { tree.entries?.isEmpty ?? false }

    /// The text as errors show it: as it stands in the file, not what the environment or a file made of it.
    var shown: String { Reading.shown(tree.text ?? "") }

    private func reportKind(_ wanted: String) {
        if tree.isNull {
            report("has no value", remedy: example.map { "write it like \($0)" } ?? "give it \(wanted)")
            return
        }
        let found =
            switch tree.kind {
            case .list: "a list"
            case .mapping: "a mapping"
            case .scalar: "a text"
            }
        report("must be \(wanted), not \(found)")
    }
}
