/// How sources are linked.
enum ScheduleShape: String, CaseIterable, Sendable {
    case chain, ring, star

    /// Pairs of nodes; a target lies behind the last source.
    func links(masters: Int, targets: Int) -> [[Int]] {
        sources(masters) + (targets > 0 ? [[masters - 1, masters]] : [])
    }

    /// The sync's line for them.
    func yaml(masters: Int, targets: Int) -> String {
        let pairs = links(masters: masters, targets: targets).map { pair in
            "[\(pair.map { $0 < masters ? Oracle.name($0) : "t1" }.joined(separator: ", "))]"
        }
        return "    links: [\(pairs.joined(separator: ", "))]"
    }

    private func sources(_ masters: Int) -> [[Int]] {
        switch self {
        case .chain: (1..<masters).map { [$0 - 1, $0] }
        case .ring: (1..<masters).map { [$0 - 1, $0] } + (masters > 2 ? [[0, masters - 1]] : [])
        case .star: (1..<masters).map { [0, $0] }
        }
    }
}
