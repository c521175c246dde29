extension ConflictRule {
    /// Why a rule cannot be used by a sync with so many sources; nil when it can.
    ///
    /// As the concurrent versions of a row are kept and the choice is made from all of them, the number of sources refuses no
    /// rule: what can be a function of the set converges. Two things can keep a rule from being one, and with a single
    /// source neither matters, for then there are no conflicts.
    ///
    /// - Parameters:
    ///   - functionIsImmutable: Whether Postgres has the function down as `IMMUTABLE`.
    ///   - comparesAlike: Whether all nodes compare the rule's column alike: any type but text in a locale's order.
    public func refusal(sources: Int, functionIsImmutable: Bool, comparesAlike: Bool) -> String? {
        guard sources > 1 else { return nil }
        switch self {
        case .latest, .earliest, .prefer, .merge, .hold: return nil
        case .function(let name):
            if functionIsImmutable { return nil }
            return "\(name) is not IMMUTABLE: nodes could make different rows of the same versions, and never agree"
        case .largest(let column), .smallest(let column):
            if comparesAlike { return nil }
            return "\(column) is text in the order of a locale, which nodes need not share: they might never agree"
        }
    }
}
