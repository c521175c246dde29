/// Where a sequence stands at its source.
struct SequencePosition: Sendable, Equatable {
    /// The value that was handed out last, or, where none was, that will be the first.
    let value: Int64
    let isCalled: Bool
    let increment: Int64
    let least: Int64
    let greatest: Int64
    let cycles: Bool
    /// How many values a session takes at once.
    let cache: Int64
    /// Whether nobody can take values there: then the last one that was handed out is all that the receiver has to know. Two nodes
    /// whose fences are both closed would drive each other ahead otherwise.
    var isFenced = false

    /// Values that may be handed out unseen before the next look, at the least.
    private static let stepsAheadLeast: UInt64 = 1024

    /// Where the receiver's sequence should stand: so far ahead that no value is handed out twice, whatever the source
    /// hands out until the next look.
    ///
    /// - Parameter recently: how many values the source is known to hand out in about a second.
    func ahead(recently: UInt64) -> Int64 { position(after: stepsAhead(recently: recently)) }

    /// Whether a value that the receiver stands at is far enough ahead.
    func isEnough(_ set: Int64) -> Bool {
        let needed = stepsAhead(recently: 0).dividedRoundingUp(by: 2)
        guard let distance = distance(to: set) else { return false }
        // Of a cycle, the half that lies behind is not ahead.
        return distance >= needed && (!cycles || distance <= max(period / 2, 1))
    }

    /// How many values lie between an earlier position and this one; none where it was set back.
    func steps(since earlier: SequencePosition) -> UInt64 {
        let distance = earlier.distance(to: value) ?? 0
        return cycles && distance > period / 2 ? 0 : distance
    }

    /// How far ahead the receiver should be. Near the end of a sequence half of what is left is kept for it.
    private func stepsAhead(recently: UInt64) -> UInt64 {
        if isFenced { return 0 }
        let most = cycles ? period / 2 : left.dividedRoundingUp(by: 2)
        return min(most, max(Self.stepsAheadLeast, recently.multipliedClamped(by: 8), cache.magnitude * 64))
    }

    private var step: UInt64 { max(increment.magnitude, 1) }

    /// How many more values there are, before the end or before it begins again.
    private var left: UInt64 { between(value, increment > 0 ? greatest : least) / step + (isCalled ? 0 : 1) }

    /// How many values there are in all.
    private var period: UInt64 { (between(least, greatest) / step).addingClamped(1) }

    /// The value after so many more were handed out.
    private func position(after steps: UInt64) -> Int64 {
        let steps = isCalled ? steps : steps - min(steps, 1)
        let direct = isCalled ? left : left - 1
        if steps <= direct { return moved(value, by: steps) }
        guard cycles else { return moved(value, by: direct) }
        return moved(increment > 0 ? least : greatest, by: steps - direct - 1)
    }

    /// How many values further a position is; nil when it lies behind.
    private func distance(to other: Int64) -> UInt64? {
        let isFurther = increment > 0 ? other >= value : other <= value
        let first: UInt64 = isCalled ? 0 : 1
        if isFurther { return between(value, other) / step + first }
        return cycles ? left + 1 + between(increment > 0 ? least : greatest, other) / step : nil
    }

    private func between(_ one: Int64, _ other: Int64) -> UInt64 {
        let (low, high) = (min(one, other), max(one, other))
        return UInt64(bitPattern: high) &- UInt64(bitPattern: low)
    }

    private func moved(_ from: Int64, by steps: UInt64) -> Int64 {
        let way = steps &* step
        return Int64(bitPattern: UInt64(bitPattern: from) &+ (increment > 0 ? way : 0 &- way))
    }
}

extension UInt64 {
    fileprivate func dividedRoundingUp(by divisor: UInt64) -> UInt64 { self / divisor + (self % divisor == 0 ? 0 : 1) }

    fileprivate func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    fileprivate func multipliedClamped(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
