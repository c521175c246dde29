/// Finds what was probably meant.
public enum Nearest {
    /// The candidate with the fewest typing errors between it and a text, the first of several; one that was only begun
    /// before all others.
    public static func to(_ text: String, among candidates: [String]) -> String? {
        if let whole = candidates.first(where: { isBeginning(text, of: $0) }) { return whole }
        return candidates.min { distance(text, $0) < distance(text, $1) }
    }

    /// Whether two texts are alike enough to say "did you mean".
    public static func isAlike(_ text: String, _ other: String) -> Bool {
        let length = min(text.count, other.count)
        return isBeginning(text, of: other) || distance(text, other) <= (length == 1 ? 0 : max(1, length / 2))
    }

    private static func isBeginning(_ text: String, of other: String) -> Bool {
        text.count >= 2 && other.lowercased().hasPrefix(text.lowercased())
    }

    /// How many letters must be put in, left out, replaced, or exchanged with their neighbours.
    static func distance(_ left: String, _ right: String) -> Int {
        // No key is that long, and a text of megabytes costs nothing.
        let left = Array(left.lowercased().prefix(100))
        let right = Array(right.lowercased().prefix(100))
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in 1...left.count {
            var row = [i]
            for j in 1...right.count {
                let same = left[i - 1] == right[j - 1]
                var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
                if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                    cost = min(cost, beforeLast[j - 2] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[right.count]
    }
}
