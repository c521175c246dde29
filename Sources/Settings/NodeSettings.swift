/// A Postgres database that takes part.
public struct NodeSettings: Sendable, Equatable {
    public let name: String
    /// A libpq connection string or URI.
    public let dsn: Secret

    static func read(_ key: Value, _ value: Value, _ checkDSN: Settings.DSNCheck) -> NodeSettings? {
        let name = key.name()
        guard let section = value.section(.node) else { return nil }
        let entry = section.required("dsn")
        guard let dsn = entry?.secret(), let entry else { return nil }
        if let problem = checkDSN(dsn.value) {
            entry.report("cannot be used: \(problem.message)", remedy: problem.remedy)
        }
        return name.map { NodeSettings(name: $0, dsn: dsn) }
    }
}
