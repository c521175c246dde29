import Replication
import Settings

extension Cluster {
    /// - Throws: `WrongUsage` when there is no such node.
    func requireNode(_ node: String) throws {
        guard !settings.nodes.contains(where: { $0.name == node }) else { return }
        let names = settings.nodes.map(\.name).joined(separator: ", ")
        throw WrongUsage("there is no node named \(node)", hint: "the configuration has \(names)")
    }

    /// The streams of one sync, or of all.
    ///
    /// - Throws: `WrongUsage` when there is no such sync.
    func streams(of sync: String?) throws -> [StreamID] {
        guard let sync else { return settings.streams }
        guard settings.syncs.contains(where: { $0.name == sync }) else {
            let names = settings.syncs.map(\.name).joined(separator: ", ")
            throw WrongUsage("there is no sync named \(sync)", hint: "the configuration has \(names)")
        }
        return settings.streams.filter { $0.sync == sync }
    }
}
