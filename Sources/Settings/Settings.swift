/// The configuration, typed and checked. Everything keeps the order of the file.
public struct Settings: Sendable, Equatable {
    /// The name of all of it together.
    public let cluster: String
    public let nodes: [NodeSettings]
    public let syncs: [SyncSettings]
    public let sites: [SiteSettings]
    public let files: [FilesSettings]
    public let health: HealthSettings?
    public let dns: DNSSettings?
    public let failover: FailoverSettings?
    public let notify: [NotifySettings]

    /// What else is to be known of a connection string than that it is there: what is wrong with it and what to do, or nil.
    /// Neither text may repeat its values.
    public typealias DSNCheck = (_ dsn: String) -> (message: String, remedy: String)?

    /// Finds the configuration and reads it.
    ///
    /// - Parameters:
    ///   - path: the file that the command line names. Otherwise it is `$SWITCHBACK_CONFIG`, `./switchback.yaml` or
    ///     `/etc/switchback/switchback.yaml`, the first that is there.
    ///   - environment: for `$SWITCHBACK_CONFIG` and `${NAME}`.
    /// - Throws: `SettingsError` with everything that is wrong.
    public static func load(
        path: String?, environment: [String: String], checkDSN: DSNCheck = { _ in nil }
    ) throws(SettingsError) -> Settings {
        let file = try SettingsFile.read(path: path, environment: environment)
        return try parse(file.text, file: file.path, environment: environment, checkDSN: checkDSN)
    }

    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - file: its path, for errors; relative `file:` paths begin in its folder.
    ///   - environment: for `${NAME}`.
    /// - Throws: `SettingsError` with everything that is wrong.
    public static func parse(
        _ text: String, file: String = "switchback.yaml", environment: [String: String] = [:],
        checkDSN: DSNCheck = { _ in nil }
    ) throws(SettingsError) -> Settings {
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let expansion = Expansion(
            environment: environment, folder: folder.isEmpty ? (file.hasPrefix("/") ? "/" : ".") : folder)
        let reading = Reading(expansion: expansion)
        let settings = read(text, reading, checkDSN)
        if let settings, reading.problems.isEmpty { return settings }
        // Problems without a place come first, and what was found first at one place.
        let ordered = reading.problems.enumerated().sorted { left, right in
            let places = [left, right].map { $0.element.place ?? .init(line: 0, column: 0) }
            return places[0] == places[1] ? left.offset < right.offset : places[0] < places[1]
        }
        throw SettingsError(file: file, problems: ordered.map(\.element))
    }

    /// What is in a text; nil when something that is needed is missing or wrong, which is reported.
    private static func read(_ text: String, _ reading: Reading, _ checkDSN: DSNCheck) -> Settings? {
        guard let tree = Document.compose(text, reading), !tree.isNull else {
            if reading.problems.isEmpty {
                reading.report(nil, "the configuration is empty", remedy: "\"switchback init\" writes a commented one")
            }
            return nil
        }
        guard tree.entries != nil else {
            reading.report(
                tree.place, "the configuration must be a mapping of keys to values",
                remedy: "begin with cluster:, nodes: and syncs:, as \"switchback init\" writes it")
            return nil
        }
        guard let top = Value(tree, path: "", reading: reading).section(.root) else { return nil }
        return read(top, checkDSN)
    }

    private static func read(_ top: Section, _ checkDSN: DSNCheck) -> Settings? {
        let cluster = top.required("cluster")?.name()
        let nodeEntries = top.required("nodes")?.named()
        let siteEntries = top["sites"]?.named()
        let names = Names(nodes: Self.names(nodeEntries), sites: top["sites"] == nil ? [] : Self.names(siteEntries))
        let nodes = nodeEntries?.map { NodeSettings.read($0.key, $0.value, checkDSN) }
        let syncs = top.required("syncs")?.named()?.map { SyncSettings.read($0.key, $0.value, names) }
        let sites = SiteSettings.read(siteEntries ?? [], names)
        let files = top["files"]?.named()?.map { FilesSettings.read($0.key, $0.value, names) }
        let health = top["health"].map { HealthSettings.read($0, names) }
        let dns = top["dns"].map { DNSSettings.read($0, sites, hasSites: top["sites"] != nil) }
        let failover = top["failover"].map { FailoverSettings.read($0, names, hasHealth: top["health"] != nil) }
        let notify = top["notify"].map { $0.list()?.compactMap { NotifySettings.read($0) } ?? [] } ?? []
        guard let cluster, let nodes, let syncs else { return nil }
        // Without it the site stays where it is, and a target is a target.
        let siteNodes = failover == nil ? [] : Set(sites.compactMap { $0?.node })
        if let sections = top["syncs"] { refuseLinkedStandbys(syncs.compactMap { $0 }, siteNodes, sections) }
        return Settings(
            cluster: cluster, nodes: nodes.compactMap { $0 },
            syncs: syncs.compactMap { $0?.standingBy(siteNodes: siteNodes) },
            sites: sites.compactMap { $0 }, files: (files ?? []).compactMap { $0 }, health: health ?? nil,
            dns: dns ?? nil, failover: failover ?? nil, notify: notify)
    }

    /// A failover has both of a sync's nodes stream to one another, and knows of no node between them.
    private static func refuseLinkedStandbys(_ syncs: [SyncSettings], _ siteNodes: Set<String>, _ sections: Value) {
        for sync in syncs where sync.links != nil && sync.standingBy(siteNodes: siteNodes).hasStandbys {
            sections.report(
                "has links in \(sync.name), of which a site's standby is a node",
                remedy: "leave the links out, or put the tables of the failover into a sync without links")
        }
    }

    /// A name counts although what it names is wrong: that is reported once.
    private static func names(_ entries: [(key: Value, value: Value)]?) -> [String]? {
        entries?.compactMap { $0.key.tree.text }
    }
}

/// The names that a file defines; nil where they could not be read.
struct Names {
    let nodes: [String]?
    let sites: [String]?
}
