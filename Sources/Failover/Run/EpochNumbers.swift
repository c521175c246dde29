/// Which epochs a node may give: those that leave its own remainder.
///
/// A node gives each of its numbers once. So no two runs ever have the same epoch, whichever nodes their engines see, and no two
/// sites take writes under one.
struct EpochNumbers: Sendable, Equatable {
    private let nodes: [String]

    /// - Parameter nodes: those of the sites, in any order: what counts is their names, which every engine knows alike.
    init(nodes: [String]) { self.nodes = nodes.sorted() }

    /// How many nodes share the numbers.
    var count: Int { nodes.count }

    /// What the numbers of a node leave when they are divided by ``count``.
    func remainder(of node: String) -> Int { nodes.firstIndex(of: node) ?? 0 }

    /// The first number above another one that leaves a remainder.
    static func next(above: Int, remainder: Int, of count: Int) -> Int {
        let first = above + 1
        return first + (remainder - first % count + count) % count
    }
}
