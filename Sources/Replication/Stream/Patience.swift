import Postgres

/// How long a stream waits before it tries again, by what went wrong and how often in a row.
struct Patience: Sendable {
    private var backoff = Backoff(first: .milliseconds(100), most: .seconds(15))
    private var failures = 0

    /// So many times something that should pass by itself is tried again at once.
    private static let quickTries = 5
    private static let quickPause = Duration.milliseconds(50)

    /// Whether trying again has not helped.
    var isStuck: Bool { failures >= 3 }

    mutating func pause(after failure: StreamFailure) -> Duration {
        failures += 1
        if failure.isQuick && failures <= Self.quickTries { return Self.quickPause }
        var random = SystemRandomNumberGenerator()
        return backoff.next(using: &random)
    }
}
