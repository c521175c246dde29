/// A whole run: what `--json` writes, and what ``Runs`` makes the document from.
struct RunRecord: Codable, Sendable {
    let date: String
    let machine: Machine
    /// The versions of all that took part, by what it is.
    let versions: [String: String]
    /// The settings of every server, the same for every system.
    let serverSettings: [String: String]
    let sizes: Sizes
    let rounds: Int
    var measurements: [Measurement] = []
}
