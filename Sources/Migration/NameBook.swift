/// Gives things the names that a configuration takes, each its own.
struct NameBook {
    private var names: [String: String] = [:]
    private var taken: Set<String> = []

    /// The name of something that Bucardo calls so; the same each time.
    mutating func name(for original: String) -> String {
        if let name = names[original] { return name }
        let plain = Self.plain(original)
        var name = plain
        var number = 2
        while taken.contains(name) {
            name = "\(plain)_\(number)"
            number += 1
        }
        taken.insert(name)
        names[original] = name
        return name
    }

    /// The nearest name of letters, digits, `_`, `-` and `.`, short enough to have a number put behind it.
    static func plain(_ text: String) -> String {
        var name = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isDigit = scalar.properties.generalCategory == .decimalNumber
            let isLetter = scalar.properties.isAlphabetic || isDigit || scalar == "_"
            let fits = isLetter || !name.isEmpty && (scalar == "-" || scalar == ".")
            name.append(fits ? scalar : "_")
        }
        if name.isEmpty { return "_" }
        return name.count <= 63 ? String(name) : String(String.UnicodeScalarView(name.prefix(58)))
    }

    /// The name of an environment variable for something.
    static func variable(_ text: String, _ kind: String) -> String {
        let letters = text.uppercased().unicodeScalars.map { scalar -> Character in
            ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        }
        let start = letters.first.map { ("0"..."9").contains($0) } ?? true ? "_" : ""
        return start + String(letters) + "_" + kind
    }
}
