import Foundation
import Model
import Settings

@testable import Migration

/// Catalogues as values, and what is looked at of what becomes of them.
enum Catalogues {
    typealias Catalogue = BucardoCatalogue

    /// A sync `library` from `raleigh` to `durham` with the tables `public.item` and `public.note`.
    static func library() -> Catalogue {
        var catalogue = Catalogue()
        catalogue.version = "5.6.0"
        catalogue.databases = [database("raleigh", host: "db1"), database("durham", host: "db2")]
        catalogue.groups = [group("sites", ["raleigh": "source", "durham": "target"])]
        catalogue.relations = [relation(1, "item"), relation(2, "note")]
        catalogue.relgroups = [Catalogue.Relgroup(name: "tables", relations: [1, 2])]
        catalogue.syncs = [Catalogue.Sync(name: "library", relgroup: "tables", group: "sites")]
        return catalogue
    }

    /// The same with `boston` as a second source, and a third node that is a target.
    static func twoSources(_ strategy: String = "bucardo_latest") -> Catalogue {
        var catalogue = library()
        catalogue.databases.append(database("boston", host: "db3"))
        catalogue.groups = [group("sites", ["raleigh": "source", "boston": "source", "durham": "target"])]
        catalogue.syncs[0].conflictStrategy = strategy
        return catalogue
    }

    static func database(_ name: String, host: String) -> Catalogue.Database {
        Catalogue.Database(name: name, host: host, port: "5432", database: "library", user: "bucardo")
    }

    static func group(_ name: String, _ members: KeyValuePairs<String, String>) -> Catalogue.Group {
        Catalogue.Group(name: name, members: members.map { Catalogue.Member(database: $0.key, role: $0.value) })
    }

    static func relation(_ id: Int, _ table: String, schema: String = "public", key: [String]? = ["id"])
        -> Catalogue.Relation
    {
        Catalogue.Relation(
            id: id, database: "raleigh", name: TableName(schema: schema, table: table), key: key)
    }
}

extension MigratedConfiguration {
    /// The configuration as Switchback reads it, with a value for every variable that it names.
    func settings() throws -> Settings {
        try Settings.parse(text, environment: Dictionary(uniqueKeysWithValues: variables.map { ($0, "geheim") }))
    }

    /// The remarks on one place, as `was → instead`.
    func remarks(at place: String) -> [String] {
        remarks.filter { $0.place == place }.map { "\($0.was) → \($0.instead)" }
    }

    /// The same file with every line of some blocks in use that are commented out.
    func withUse(of names: String...) -> String {
        var isInside = false
        return text.components(separatedBy: "\n").map { line in
            if names.contains(where: { line == "#  \($0):" }) {
                isInside = true
            } else if isInside && !line.hasPrefix("#   ") {
                isInside = false
            }
            return isInside ? String(line.dropFirst()) : line
        }.joined(separator: "\n")
    }
}
