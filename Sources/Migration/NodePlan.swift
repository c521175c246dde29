import Settings

/// How one of Bucardo's databases is carried over.
struct NodePlan: Sendable, Equatable {
    /// Its name in the configuration.
    let name: String
    /// Its name in Bucardo.
    let original: String
    /// The connection string as it stands in the configuration, with a variable where a secret belongs.
    let dsn: String
    /// The environment variables that hold its secrets.
    let variables: [String]
    /// Whether it is a database that can take part.
    let isPostgres: Bool
    /// Whether it takes part in Bucardo's syncs.
    let isActive: Bool
    /// Two nodes of one place are one database.
    let location: Secret
    let remarks: [Remark]
    /// What is good to know of what was carried over.
    let comments: [String]

    init(_ database: BucardoCatalogue.Database, name: String) {
        let words = ConnectionWords(database, node: name)
        self.name = name
        original = database.name
        let whole = NameBook.variable(name, "DSN")
        variables = words.isEmpty ? [whole] : words.variables
        dsn = words.isEmpty ? "${\(whole)}" : words.text
        isPostgres = database.kind == "postgres"
        isActive = database.status != "inactive"
        location = Secret(
            [database.dsn.value, database.service, database.host, database.port, database.database].joined(
                separator: "\n"))
        remarks = Self.remarks(database, words, place: "nodes.\(name)")
        comments = Self.comments(database, words, name: name, variables: variables)
    }

    private static func remarks(
        _ database: BucardoCatalogue.Database, _ words: ConnectionWords, place: String
    ) -> [Remark] {
        guard database.kind == "postgres" else {
            return [
                Remark(
                    place, "\(database.name) is of the kind \(database.kind)",
                    instead:
                        "feed it from a Postgres target by a tool of its own; every node of Switchback is a Postgres"
                )
            ]
        }
        var remarks: [Remark] = []
        func remark(_ was: String, _ instead: String) { remarks.append(Remark(place, was, instead: instead)) }
        if database.status == "inactive" {
            remark(
                "Bucardo had \(database.name) as inactive and passed it over",
                "take the # away before it, and name it among a sync's nodes, to have it take part")
        } else if database.status != "active" {
            remark(
                "Bucardo had \(database.name) as \(database.status)",
                "see that it answers; a node that is away delays only its own streams, and catches up by itself")
        }
        if !words.unknown.isEmpty {
            remark(
                "libpq does not know what stood in its connection: \(words.unknown.joined(separator: ", "))",
                "add what it was for to the dsn in libpq's own words")
        }
        if database.makesDeltas {
            remark(
                "makedelta was on: what a sync brought here went on to others",
                "name every node that is to have a table in one sync; no sync takes on what another brought")
        }
        if !database.preparesAtServer {
            remark(
                "server_side_prepares was off, as a connection pooler needs it",
                "let the dsn lead past the pooler: Switchback's sessions keep locks, settings and prepared statements")
        }
        return remarks
    }

    private static func comments(
        _ database: BucardoCatalogue.Database, _ words: ConnectionWords, name: String, variables: [String]
    ) -> [String] {
        var comments: [String] = []
        if name != database.name { comments.append("Bucardo called it \(database.name).") }
        guard database.kind == "postgres" else { return comments }
        if words.isEmpty {
            comments.append("Bucardo's way there cannot be said in libpq's words: set \(variables[0]) to a dsn.")
        } else if !variables.isEmpty {
            comments.append("Bucardo kept its password in a table: set \(variables.joined(separator: " and ")).")
        } else if !words.has("host") && !words.has("hostaddr") && !words.has("service") {
            comments.append("Without a host it is the socket of the machine that switchback runs on.")
        }
        return comments
    }
}
