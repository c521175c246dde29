/// What is told of a figure's values over several rounds.
struct Spread: Codable, Equatable, Sendable {
    let median: Double
    let min: Double
    let max: Double
    let count: Int

    /// Nil where there are no values.
    init?(_ values: [Double]) {
        guard let lowest = values.min(), let highest = values.max(), let middle = values.median else { return nil }
        median = middle
        min = lowest
        max = highest
        count = values.count
    }
}

extension [Double] {
    /// The middle value; of an even number the mean of the two in the middle. Nil where there are none.
    var median: Double? {
        guard !isEmpty else { return nil }
        let ordered = sorted()
        let middle = count / 2
        return count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
    }

    /// The value that a share of all values lies below, by nearest rank: `percentile(0.95)`. Nil where there are none.
    func percentile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
    }
}

/// The median of the quotients of pairs, each from one round, so that a machine that drifts from round to round does not
/// show in it. Nil where no round has both.
func pairedRatio(_ values: [Int: Double], over bases: [Int: Double]) -> Double? {
    values.compactMap { round, value -> Double? in
        guard let base = bases[round], base > 0 else { return nil }
        return value / base
    }.median
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
