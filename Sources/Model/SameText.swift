// By bytes, as Postgres compares: to Swift, "é" in one character and in two are the same text.

/// A text as Postgres compares texts, for sets and dictionaries.
public struct ByteText: Hashable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func == (left: ByteText, right: ByteText) -> Bool { isSameText(left.text, right.text) }

    public func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
}

func isSameText(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

func isSameText(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return isSameText(left, right)
}

/// Whether two rows have the same values; a row is never the same as a deleted one.
func isSameRow(_ left: [String?]?, _ right: [String?]?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left.count == right.count && zip(left, right).allSatisfy { isSameText($0, $1) }
}
