/// A pattern for tables: `public.*`, `public.scratch_?`, `"My Schema"."Order.Items"`.
///
/// `*` stands for any characters, `?` for one. What is in double quotes stands for itself, and `""` in them for a double
/// quote; a part may mix both: `public."2024-"*`. Names are taken as the catalogue has them: case counts, with quotes and
/// without. Two patterns are equal when they are written differently and match alike for sure: `public.a`, `"public".a`.
public struct Glob: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as it was written.
    public let description: String
    private let schema: [Piece]
    private let table: [Piece]

    private enum Piece: Hashable {
        case one(Unicode.Scalar)
        case anyOne
        case anyNumber
    }

    /// Reads a pattern.
    public init(_ text: String) throws(GlobError) {
        var parts: [[Piece]] = [[]]
        var rest = Array(text.unicodeScalars)[...]
        while let next = rest.popFirst() {
            switch next {
            case ".": parts.append([])
            case "*":
                if parts[parts.count - 1].last != .anyNumber { parts[parts.count - 1].append(.anyNumber) }
            case "?": parts[parts.count - 1].append(.anyOne)
            case "\"": parts[parts.count - 1] += try Self.quoted(&rest).map { .one($0) }
            default:
                guard Self.isPlain(next) else { throw .needsQuotes(Character(next)) }
                parts[parts.count - 1].append(.one(next))
            }
        }
        if text.isEmpty { throw .isEmpty }
        if parts.count == 1 { throw .hasNoSchema(text) }
        if parts.count > 2 { throw .hasManyParts(parts.count) }
        if parts.contains(where: \.isEmpty) { throw .hasEmptyPart }
        description = text
        schema = parts[0]
        table = parts[1]
    }

    /// Reads on to the quote that ends a quoted name.
    private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) throws(GlobError) -> [Unicode.Scalar] {
        var name: [Unicode.Scalar] = []
        while let next = rest.popFirst() {
            if next == "\"" {
                guard rest.first == "\"" else { return name }
                rest.removeFirst()
            }
            name.append(next)
        }
        throw .quoteIsOpen
    }

    /// Characters that mean themselves in every pattern language that people know.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "$", "-": true
        default:
            scalar.value >= 0x80 && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
        }
    }

    /// Whether a table is meant.
    public func matches(_ name: TableName) -> Bool {
        Self.match(schema, name.schema) && Self.match(table, name.table)
    }

    /// Compares by Unicode scalars, as Postgres does: it tells a composed é from a decomposed one, which Swift's strings do
    /// not. Only the last `*` is ever taken up again, so that the time is at most that of pattern times name.
    private static func match(_ pattern: [Piece], _ text: String) -> Bool {
        let name = Array(text.unicodeScalars)
        var piece = 0
        var at = 0
        var star: (piece: Int, at: Int)?
        while at < name.count {
            if piece < pattern.count, pattern[piece] == .anyNumber {
                star = (piece, at)
                piece += 1
            } else if piece < pattern.count, pattern[piece] == .anyOne || pattern[piece] == .one(name[at]) {
                piece += 1
                at += 1
            } else if let last = star {
                star = (last.piece, last.at + 1)
                piece = last.piece + 1
                at = last.at + 1
            } else {
                return false
            }
        }
        return pattern[piece...].allSatisfy { $0 == .anyNumber }
    }

    public static func == (left: Glob, right: Glob) -> Bool {
        left.schema == right.schema && left.table == right.table
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(schema)
        hasher.combine(table)
    }
}

/// Why a text is no pattern for tables.
public enum GlobError: Error, Equatable, CustomStringConvertible {
    case isEmpty
    case hasNoSchema(String)
    case hasManyParts(Int)
    case hasEmptyPart
    case quoteIsOpen
    case needsQuotes(Character)

    public var description: String {
        switch self {
        case .isEmpty: "is empty"
        case .hasNoSchema: "names no schema"
        case .hasManyParts(let count): "has \(count) parts, where schema.table has two"
        case .hasEmptyPart: "has an empty part"
        case .quoteIsOpen: "has a double quote that is not closed"
        case .needsQuotes(let character): "has \(Self.readable(character)) outside of double quotes"
        }
    }

    /// What to write instead.
    public var remedy: String {
        switch self {
        case .isEmpty, .hasEmptyPart: "write schema.table, such as public.item or public.*"
        case .hasNoSchema(let text): "write schema.table, such as public.\(text)"
        case .hasManyParts:
            "write each table by itself; a dot that belongs to a name stands in double quotes: public.\"Order.Items\""
        case .quoteIsOpen: "close it; a double quote that belongs to a name is written twice"
        case .needsQuotes:
            "put the name in double quotes if it has that character; the wildcards are * and ?, as in public.item_*"
        }
    }

    private static func readable(_ character: Character) -> String {
        if character == " " { return "a space" }
        let isVisible = character.unicodeScalars.allSatisfy {
            !$0.properties.isWhitespace && $0.properties.generalCategory != .control
        }
        if isVisible { return "the character \(character)" }
        let codes = character.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }
        return "the character " + codes.joined(separator: " ")
    }
}
