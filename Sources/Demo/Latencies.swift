/// Measured delays, and how they are distributed.
struct Latencies: Sendable, Equatable {
    private(set) var samples: [Duration] = []

    mutating func add(_ sample: Duration) { samples.append(sample) }

    /// The smallest sample that is not less than such a part of all of them; nil when there are none.
    func quantile(_ part: Double) -> Duration? {
        guard !samples.isEmpty else { return nil }
        let rank = Int((part * Double(samples.count)).rounded(.up))
        return samples.sorted()[max(0, min(samples.count, rank) - 1)]
    }
}
