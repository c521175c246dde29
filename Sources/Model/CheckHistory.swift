/// How a check stands, by its looks until now.
public enum CheckState: String, Sendable, Hashable, CaseIterable, Codable {
    /// It was not looked yet.
    case untried
    /// It is well, and was for long enough after the last failure.
    case up
    /// It failed, fewer times than make it down.
    case doubtful
    /// It failed so many times in a row that it is down.
    case down
    /// It failed as often as makes it down, and is neither down now nor well for long enough: it flaps, or comes back.
    case unsteady
    /// So many looks in a row failed to see anything that nothing is known any more.
    case unknown
}

/// What is remembered of a check's looks, and what follows from it. A value: looks in, a state out.
///
/// - `fall` failures in a row make it down. Only then.
/// - Failures stay counted until `rise` successes in a row. So one that fails again and again with successes in between is
///   not down, and is not up either.
/// - A look that saw nothing counts neither way. `fall` of them in a row, and nothing is known; the runs begin anew.
public struct CheckHistory: Sendable, Hashable {
    public let fall: Int
    public let rise: Int

    public private(set) var failuresInRow = 0
    public private(set) var successesInRow = 0
    public private(set) var unknownsInRow = 0
    /// Failures since the last time that it was up.
    public private(set) var failuresCounted = 0
    public private(set) var looks = 0
    /// What the last look found.
    public private(set) var last: CheckResult?

    /// - Parameters:
    ///   - fall: how many failures in a row make it down; at least 1.
    ///   - rise: how many successes in a row make it well after a failure; at least 1.
    public init(fall: Int, rise: Int) {
        precondition(fall > 0 && rise > 0, "fall and rise are at least 1")
        self.fall = fall
        self.rise = rise
    }

    /// Takes in what a look found.
    public mutating func note(_ result: CheckResult) {
        looks += 1
        last = result
        switch result.outcome {
        case .up:
            unknownsInRow = 0
            failuresInRow = 0
            successesInRow += 1
            if successesInRow >= rise { failuresCounted = 0 }
        case .down:
            unknownsInRow = 0
            successesInRow = 0
            failuresInRow += 1
            failuresCounted += 1
        case .unknown:
            unknownsInRow += 1
            if unknownsInRow >= fall {
                failuresInRow = 0
                successesInRow = 0
            }
        }
    }

    public var state: CheckState {
        if looks == 0 { return .untried }
        if unknownsInRow >= fall || (failuresCounted == 0 && successesInRow == 0) { return .unknown }
        if failuresInRow >= fall { return .down }
        if failuresCounted >= fall { return .unsteady }
        return failuresCounted > 0 ? .doubtful : .up
    }

    /// Whether the next look is to come sooner than usual: when it is on its way down, or nothing is known of it. On its way
    /// up nothing is hurried.
    public var isInDoubt: Bool {
        switch state {
        case .untried, .unknown: true
        case .doubtful, .unsteady: failuresInRow > 0 || last?.outcome == .unknown
        case .up: last?.outcome == .unknown
        case .down: false
        }
    }

    /// In words, for people: `down: failed 4 times in a row`.
    public var story: String {
        switch state {
        case .untried: "not looked at yet"
        case .up: "up"
        case .doubtful: "failed \(failuresCounted) of \(fall) times; \(way)"
        case .down: "failed \(failuresInRow) times in a row"
        case .unsteady: "failed \(failuresCounted) times lately; \(way)"
        case .unknown: "nothing could be seen in the last \(unknownsInRow) looks"
        }
    }

    private var way: String {
        failuresInRow > 0 ? "\(failuresInRow) in a row" : "\(successesInRow) of \(rise) successes in a row"
    }
}
