/// Who sends to whom.
enum Topology: String, CaseIterable, Sendable {
    case mesh, chain, ring, star

    func links(_ nodes: Int) -> [SimulatedCluster.Link] {
        var links: [SimulatedCluster.Link] = []
        func link(_ one: Int, _ other: Int) {
            if one != other { links.append(SimulatedCluster.Link(from: one, to: other)) }
        }
        for node in 0..<nodes {
            switch self {
            case .mesh: for other in 0..<nodes { link(node, other) }
            case .ring: link(node, (node + 1) % nodes)
            case .star where node > 0:
                link(0, node)
                link(node, 0)
            case .chain where node > 0:
                link(node - 1, node)
                link(node, node - 1)
            case .star, .chain: break
            }
        }
        return links
    }
}
