// By bytes, as Postgres compares: to Swift, "é" in one character and in two are the same text.

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
