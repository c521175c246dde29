/// Paced load for long, and what the captured changes take up meanwhile and afterwards.
struct Soak: Sendable {
    /// How long a system gets to clear away what it no longer needs.
    static let settling = Duration.seconds(30)

    func run(_ stage: Stage) async throws -> [String: Double] {
        let peak = Shared(0.0)
        let next = Shared(ContinuousClock.now)
        var figures = try await Load(seconds: stage.sizes.soakSeconds, rate: stage.sizes.pace).run(stage) {
            let isDue = next.change { next in
                guard .now >= next else { return false }
                next = .now + .seconds(2)
                return true
            }
            guard isDue, let bytes = try await stage.storage() else { return }
            peak.change { $0 = max($0, bytes) }
        }
        guard let left = try await Self.settled(stage) else { return figures }
        figures["storage_peak_mb"] = max(peak.value, left) / 1e6
        figures["storage_end_mb"] = left / 1e6
        return figures
    }

    /// The bytes that captured changes take up when all is carried; nil where none are kept at the source.
    static func settled(_ stage: Stage) async throws -> Double? {
        guard var least = try await stage.storage() else { return nil }
        let end = ContinuousClock.now + settling
        while .now < end {
            try await Task.sleep(for: .seconds(1))
            least = min(least, try await stage.storage() ?? least)
        }
        return least
    }
}
