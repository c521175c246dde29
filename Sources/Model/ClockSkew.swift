/// A clock that is off, among several that should agree.
public struct ClockSkew: Sendable, Equatable, Encodable {
    public let node: String
    /// How far it is ahead of what most clocks say; negative when it is behind.
    public let seconds: Double

    /// Decides whose clock is off. What is right is what the middle one says, with this machine's clock among them: with two nodes,
    /// two of three clocks that agree outvote the third.
    ///
    /// - Parameters:
    ///   - offsets: how far each node's clock is ahead of this machine's, in seconds.
    ///   - limit: what is tolerated, in seconds.
    /// - Returns: the clocks that are further off than that, the worst first.
    public static func judge(_ offsets: [String: Double], limit: Double) -> [ClockSkew] {
        let sorted = (offsets.values + [0]).sorted()
        let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        return offsets.map { ClockSkew(node: $0.key, seconds: $0.value - middle) }
            .filter { abs($0.seconds) > limit }
            .sorted { (abs($1.seconds), $0.node) < (abs($0.seconds), $1.node) }
    }

    public init(node: String, seconds: Double) {
        self.node = node
        self.seconds = seconds
    }

    /// A line for people.
    ///
    /// - Parameter limit: what is tolerated, in seconds.
    public func text(limit: Double) -> String {
        let amount =
            abs(seconds) < 120 ? "\(Int(abs(seconds).rounded())) s" : "\(Int((abs(seconds) / 60).rounded())) min"
        let effect =
            seconds > 0
            ? "its changes win conflicts that they should lose" : "its changes lose conflicts that they should win"
        return
            "the clock of \(node) is \(amount) \(seconds > 0 ? "ahead" : "behind"), more than \(Int(limit)) s: where the latest change wins, \(effect)"
    }

    /// What to do about it.
    public static let remedy =
        "have its server follow a time server; nothing is lost meanwhile, and nodes do not come to differ"
}
