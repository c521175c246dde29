/// A folder that is carried from one site to another.
public struct FilesSettings: Sendable, Equatable {
    public let name: String
    public let from: String
    public let to: String
    /// The same at both sites.
    public let path: String
    /// How often; only on demand when nil.
    public let every: Duration?
    /// Whether what is gone at the one site goes at the other.
    public let delete: Bool
    /// Patterns as rsync knows them.
    public let exclude: [String]

    static func read(_ key: Value, _ value: Value, _ names: Names) -> FilesSettings? {
        let name = key.name()
        guard let section = value.section(.files) else { return nil }
        let from = section.required("from")?.reference(to: "site", among: names.sites)
        let to = section.required("to")?.reference(to: "site", among: names.sites)
        if let from, from == to {
            section["to"]?.report("is the site that the files come from", remedy: "name another site")
        }
        let path = section.required("path")?.absolutePath()
        let every = section["every"]?.duration(least: "1s")
        let delete = section["delete"]?.flag() ?? false
        let exclude = section["exclude"].map { $0.texts(mayBeEmpty: true) } ?? []
        guard let name, let from, let to, let path, let exclude else { return nil }
        return FilesSettings(
            name: name, from: from, to: to, path: path, every: every, delete: delete, exclude: exclude)
    }
}
