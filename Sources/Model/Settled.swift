/// What a rule makes of the versions of a row.
public struct Settled: Hashable, Sendable {
    /// What the node shows; nil: no row.
    public let row: [String?]?
    /// The version that is shown; nil when the row was made from several.
    public let winner: RowVersion?
    /// The versions whose values are not shown, in the order of their stamps: what the conflict history must have. A version
    /// that says the same as what is shown has lost nothing and is not among them.
    public let losers: [RowVersion]
    /// Whether a person is to decide. Any write at a node that holds all the versions decides, too: it supersedes them.
    public let isHeld: Bool

    public init(row: [String?]?, winner: RowVersion?, losers: [RowVersion], isHeld: Bool = false) {
        self.row = row
        self.winner = winner
        self.losers = losers
        self.isHeld = isHeld
    }
}
