/// Which nodes of a sync send to one another, where not every source sends to every other node: what reaches one of them is handed
/// on by it to the others that it is linked with.
public struct SyncLinks: Sendable, Equatable {
    /// Pairs of nodes, in the order of the file.
    public let pairs: [[String]]

    public init(_ pairs: [[String]]) { self.pairs = pairs }

    /// The nodes that a node is linked with.
    public func neighbours(of node: String) -> [String] {
        pairs.compactMap { pair in pair.contains(node) ? pair.first { $0 != node } : nil }
    }

    /// The nodes that can be reached from one over nodes that hand on.
    ///
    /// - Parameter through: who hands on.
    func reach(from node: String, through: [String]) -> Set<String> {
        var found: Set<String> = [node]
        var ahead = [node]
        while let next = ahead.popLast() {
            guard through.contains(next) else { continue }
            for other in neighbours(of: next) where found.insert(other).inserted { ahead.append(other) }
        }
        return found
    }

    /// - Returns: nil when something is wrong, which is reported.
    static func read(_ value: Value, sources: [String], targets: [String]) -> SyncLinks? {
        guard let lines = value.list() else { return nil }
        let pairs = lines.compactMap { pair($0, sources: sources, targets: targets) }
        guard pairs.count == lines.count else { return nil }
        var first: [Set<String>: Value] = [:]
        for (pair, line) in zip(pairs, lines) {
            if let earlier = first[Set(pair)] {
                line.report("repeats \(earlier.path)", remedy: "a link leads both ways: keep one of the two")
                return nil
            }
            first[Set(pair)] = line
        }
        let links = SyncLinks(pairs)
        guard sources.count > 1 else {
            value.report(
                "says nothing: with one source every other node receives from it",
                remedy: "leave links out, or name more sources")
            return nil
        }
        let reached = links.reach(from: sources[0], through: sources)
        if let cutOff = (sources + targets).first(where: { !reached.contains($0) }) {
            value.report(
                "leaves \(cutOff) without a way to \(sources[0]) over sources, and a target hands nothing on",
                remedy: "link \(cutOff) with a source that has one")
            return nil
        }
        return links
    }

    private static func pair(_ value: Value, sources: [String], targets: [String]) -> [String]? {
        guard let ends = value.list() else { return nil }
        let names = ends.compactMap { $0.reference(to: "node of the sync", among: sources + targets) }
        guard names.count == ends.count else { return nil }
        let example = "write it like links: [[raleigh, durham], [durham, boone]]"
        guard names.count == 2, names[0] != names[1] else {
            value.report("must be two nodes", remedy: example)
            return nil
        }
        guard names.contains(where: sources.contains) else {
            value.report(
                "links two targets, of which neither sends anything", remedy: "link each of them with a source")
            return nil
        }
        return names
    }
}
