/// A place: a node, its web server, its files, its address.
public struct SiteSettings: Sendable, Equatable {
    public let name: String
    public let node: String
    /// Where the site is reached; what DNS records point to while it is the active one.
    public let address: IPAddress

    static func read(_ entries: [(key: Value, value: Value)], _ names: Names) -> [SiteSettings?] {
        var homes: [String: String] = [:]
        return entries.map { key, value in
            let name = key.name()
            guard let section = value.section(.site) else { return nil }
            let entry = section.required("node")
            let node = entry?.reference(to: "node", among: names.nodes)
            if let node, let entry, let name {
                if let other = homes[node] {
                    entry.report("is the node of site \(other) already", remedy: "give each site a node of its own")
                }
                homes[node] = homes[node] ?? name
            }
            let address = section.required("address")?.address()
            guard let name, let node, let address else { return nil }
            return SiteSettings(name: name, node: node, address: address)
        }
    }
}
