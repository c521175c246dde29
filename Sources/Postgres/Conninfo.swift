import CLibPQ

/// The keyword/value pairs that a connection string sets, read by libpq itself.
struct Conninfo {
    private(set) var values: [String: String] = [:]

    /// Reads a conninfo string or a URI.
    /// - Returns: nil when libpq cannot. Its own message is dropped, for it repeats parts of the string.
    init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(text, &message)
        if let message { PQfreemem(message) }
        guard let options else { return nil }
        defer { PQconninfoFree(options) }
        fill(from: options)
    }

    /// What libpq would assume for everything that a connection string leaves out: the environment, then its defaults.
    static func defaults() -> Conninfo? {
        guard let options = PQconndefaults() else { return nil }
        defer { PQconninfoFree(options) }
        var defaults = Conninfo()
        defaults.fill(from: options)
        return defaults
    }

    private init() {}

    subscript(_ keyword: String) -> String? { values[keyword] }

    private mutating func fill(from options: UnsafeMutablePointer<PQconninfoOption>) {
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
    }
}
