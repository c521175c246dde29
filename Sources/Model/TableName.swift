/// The qualified name of a table or sequence.
public struct TableName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let schema: String
    public let table: String

    public init(schema: String, table: String) {
        self.schema = schema
        self.table = table
    }

    /// For people: `public.item`, with double quotes where a part needs them.
    public var description: String { Self.readable(schema) + "." + Self.readable(table) }

    // By bytes, as Postgres does: to Swift, "é" in one character and in two are the same text.
    public static func == (left: TableName, right: TableName) -> Bool {
        left.schema.utf8.elementsEqual(right.schema.utf8) && left.table.utf8.elementsEqual(right.table.utf8)
    }

    public static func < (left: TableName, right: TableName) -> Bool {
        left.schema.utf8.elementsEqual(right.schema.utf8)
            ? left.table.utf8.lexicographicallyPrecedes(right.table.utf8)
            : left.schema.utf8.lexicographicallyPrecedes(right.schema.utf8)
    }

    private static func readable(_ part: String) -> String {
        let plain = part.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        let startsWithDigit = part.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true
        if plain && !startsWithDigit { return part }
        return "\"" + part.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
