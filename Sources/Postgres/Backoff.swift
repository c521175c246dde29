/// The pauses between tries: each up to twice as long as the one before, and drawn at random from nothing to that, so
/// that many who failed together do not come back together.
public struct Backoff: Sendable {
    /// The longest that the first pause may be.
    public let first: Duration
    /// The longest that any pause may be.
    public let most: Duration
    private var ceiling: Duration

    public init(first: Duration = .milliseconds(200), most: Duration = .seconds(30)) {
        precondition(
            first > .zero && most >= first, "the first pause is more than nothing and not more than the longest")
        self.first = first
        self.most = most
        ceiling = first
    }

    /// The next pause.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { ceiling = min(ceiling * 2, most) }
        return ceiling * Double.random(in: 0...1, using: &generator)
    }

    /// Begins again with `first`, as after a success.
    public mutating func reset() { ceiling = first }
}
