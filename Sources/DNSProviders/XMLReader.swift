/// An element of an XML document: enough of XML for what name registrars answer. No document type, no external entity.
struct XMLElement: Sendable, Hashable {
    /// In small letters, without a prefix: answers differ in both.
    let name: String
    /// By names in small letters.
    let attributes: [String: String]
    fileprivate(set) var children: [XMLElement] = []
    /// What stands between its tags, besides its children.
    fileprivate(set) var text = ""

    /// The elements of a name at any depth, in the order of the document.
    func all(_ name: String) -> [XMLElement] {
        children.flatMap { ($0.name == name ? [$0] : []) + $0.all(name) }
    }

    /// The first element of a name at any depth.
    func first(_ name: String) -> XMLElement? { all(name).first }

    /// Its text without spaces around.
    var value: String {
        let kept = text.drop(while: \.isWhitespace)
        return String(kept.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// A text for XML.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

/// Bytes that are no XML document.
struct XMLError: Error, Hashable {
    let message: String
}

/// Reads a document.
struct XMLReader {
    private var rest: Substring.UnicodeScalarView
    /// Deeper than any answer, and shallow enough for the stack.
    private static let depthMax = 64

    private init(_ text: String) { rest = Substring(text).unicodeScalars }

    /// - Returns: the document's one element.
    static func read(_ text: String) throws(XMLError) -> XMLElement {
        var reader = XMLReader(text)
        try reader.skipMisc()
        let element = try reader.element(depth: 0)
        try reader.skipMisc()
        guard reader.rest.isEmpty else { throw XMLError(message: "it goes on after its element") }
        return element
    }

    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth < Self.depthMax else { throw XMLError(message: "it is too deep") }
        try take("<")
        let written = try name()
        var attributes: [String: String] = [:]
        while true {
            skipSpaces()
            if skip("/>") { return XMLElement(name: Self.local(written), attributes: attributes) }
            if skip(">") { break }
            let key = try name()
            skipSpaces()
            try take("=")
            skipSpaces()
            attributes[Self.local(key)] = try quoted()
        }
        var element = XMLElement(name: Self.local(written), attributes: attributes)
        while true {
            if skip("<!--") {
                try skipPast("-->")
            } else if skip("<![CDATA[") {
                element.text += try taken(until: "]]>")
            } else if skip("</") {
                guard try name() == written else { throw XMLError(message: "its tags do not match") }
                skipSpaces()
                try take(">")
                return element
            } else if rest.first == "<" {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                guard let next = rest.popFirst() else { throw XMLError(message: "it ends in the middle") }
                element.text.unicodeScalars.append(next == "&" ? try entity() : next)
            }
        }
    }

    private mutating func skipMisc() throws(XMLError) {
        while true {
            skipSpaces()
            if skip("\u{FEFF}") { continue }
            if skip("<?") {
                try skipPast("?>")
            } else if skip("<!--") {
                try skipPast("-->")
            } else {
                return
            }
        }
    }

    private mutating func name() throws(XMLError) -> String {
        var name = ""
        while let next = rest.first, !next.properties.isWhitespace, !"<>/=\"'&".unicodeScalars.contains(next) {
            name.unicodeScalars.append(rest.removeFirst())
        }
        guard !name.isEmpty else { throw XMLError(message: "a name is missing") }
        return name
    }

    private mutating func quoted() throws(XMLError) -> String {
        guard let quote = rest.popFirst(), quote == "\"" || quote == "'" else {
            throw XMLError(message: "an attribute's value has no quotes")
        }
        var text = ""
        while let next = rest.popFirst() {
            if next == quote { return text }
            text.unicodeScalars.append(next == "&" ? try entity() : next)
        }
        throw XMLError(message: "it ends in the middle")
    }

    private mutating func entity() throws(XMLError) -> Unicode.Scalar {
        let name = try taken(until: ";")
        let known: [String: Unicode.Scalar] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        if let scalar = known[name] { return scalar }
        let number =
            name.hasPrefix("#x")
            ? UInt32(name.dropFirst(2), radix: 16)
            : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let scalar = number.flatMap(Unicode.Scalar.init) else {
            throw XMLError(message: "an entity is not known")
        }
        return scalar
    }

    private mutating func taken(until end: String) throws(XMLError) -> String {
        var text = ""
        while !rest.isEmpty {
            if skip(end) { return text }
            text.unicodeScalars.append(rest.removeFirst())
        }
        throw XMLError(message: "it ends in the middle")
    }

    private mutating func skipPast(_ end: String) throws(XMLError) { _ = try taken(until: end) }

    private mutating func skipSpaces() {
        while let next = rest.first, next.properties.isWhitespace { rest.removeFirst() }
    }

    private mutating func skip(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest = rest.dropFirst(text.unicodeScalars.count)
        return true
    }

    private mutating func take(_ text: String) throws(XMLError) {
        guard skip(text) else { throw XMLError(message: "\(text) is missing") }
    }

    private static func local(_ name: String) -> String {
        (name.split(separator: ":").last.map(String.init) ?? name).lowercased()
    }
}
