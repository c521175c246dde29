import Foundation
import Model
import Settings
import Testing

@testable import Migration

/// Bucardo's syncs become syncs: nodes by their roles, tables by their groups, and what is different for some.
@Suite("Bucardo's syncs become syncs") struct SyncTests {
    private func migrated(_ change: (inout BucardoCatalogue) -> Void) throws -> MigratedConfiguration {
        var catalogue = Catalogues.library()
        change(&catalogue)
        return try MigratedConfiguration(catalogue)
    }

    /// The one sync of a configuration.
    private func sync(_ change: (inout BucardoCatalogue) -> Void) throws -> SyncSettings {
        try migrated(change).settings().syncs[0]
    }

    // MARK: Nodes

    @Test func `a source and a target`() throws {
        let sync = try sync { _ in }
        #expect(sync.name == "library" && sync.sources == ["raleigh"] && sync.targets == ["durham"])
        #expect(sync.tables.map(\.description) == ["public.item", "public.note"])
        #expect(sync.exclude.isEmpty && sync.overrides.isEmpty && sync.conflict == .latest)
    }

    @Test func `several sources, and a target that was emptied and filled`() throws {
        let migrated = try migrated {
            $0 = Catalogues.twoSources()
            $0.databases.append(Catalogues.database("report", host: "db4"))
            $0.groups[0].members.append(.init(database: "report", role: "fullcopy"))
        }
        let sync = try migrated.settings().syncs[0]
        #expect(sync.sources == ["raleigh", "boston"] && sync.targets == ["durham", "report"])
        #expect(sync.overrides.isEmpty)
        #expect(
            migrated.text.contains(
                "      # Bucardo emptied and filled it at each run. Here it gets what changed, as any target.\n      report: target\n"
            ))
    }

    @Test func `a full copy carries all its tables whole`() throws {
        let sync = try sync {
            $0.groups = [Catalogues.group("sites", ["raleigh": "source", "durham": "fullcopy"])]
            $0.syncs[0].staysAlive = false
            $0.syncs[0].kidsStayAlive = false
            $0.customColumns = [.init(relation: 2, clause: "SELECT id, body", database: nil, sync: nil)]
        }
        #expect(sync.targets == ["durham"])
        #expect(sync.overrides.map(\.pattern.description) == ["*.*", "public.note"])
        #expect(sync.overrides.allSatisfy { $0.fullCopy })
        #expect(sync.overrides[1].columns == ["id", "body"])
    }

    // MARK: Tables

    @Test func `a table without a key travels whole, and of several sources not at all`() throws {
        let one = try migrated { $0.relations[1].key = [] }
        let sync = try one.settings().syncs[0]
        #expect(sync.tables.count == 2)
        #expect(sync.overrides.map(\.pattern.description) == ["public.note"] && sync.overrides[0].fullCopy)
        #expect(one.remarks(at: "syncs.library.tables").count == 1)
        let two = try migrated {
            $0 = Catalogues.twoSources()
            $0.relations[1].key = []
        }
        #expect(try two.settings().syncs[0].tables.map(\.description) == ["public.item"])
        #expect(try two.settings().syncs[0].overrides.isEmpty)
        #expect(two.remarks(at: "syncs.library.tables").first?.hasPrefix("public.note: it has no key → ") == true)
        let unknown = try self.sync { $0.relations[1].key = nil }
        #expect(unknown.overrides.isEmpty, "nobody looked, so nothing is known")
    }

    @Test func `a ghost is left out, and sequences are named`() throws {
        let migrated = try migrated {
            $0.relations[1].isGhost = true
            $0.relations.append(Catalogues.relation(3, "number", key: nil))
            $0.relations[2].isSequence = true
            $0.relgroups[0].relations.append(3)
        }
        #expect(try migrated.settings().syncs[0].tables.map(\.description) == ["public.item", "public.number"])
        #expect(migrated.remarks(at: "syncs.library.tables").count == 1)
        #expect(migrated.text.contains("# Sequences. One that a table's column draws from"))
    }

    @Test func `sequences of several sources are told`() throws {
        let migrated = try migrated {
            $0 = Catalogues.twoSources()
            $0.relations.append(Catalogues.relation(3, "number", key: nil))
            $0.relations[2].isSequence = true
            $0.relgroups[0].relations.append(3)
        }
        #expect(migrated.remarks(at: "syncs.library.tables").first?.contains("a stride and an offset") == true)
    }

    @Test func `what many tables share is told once`() throws {
        let migrated = try migrated { catalogue in
            for number in 3...40 {
                catalogue.relations.append(Catalogues.relation(number, "t\(number)"))
                catalogue.relgroups[0].relations.append(number)
            }
            for index in catalogue.relations.indices { catalogue.relations[index].isStrict = false }
            catalogue.relations[0].bypassesDeltas = true
        }
        let remarks = migrated.remarks(at: "syncs.library.tables")
        #expect(remarks.count == 2)
        #expect(remarks[0].contains("public.t20, 20 more: strict_checking was off"))
        // What is true of one table alone stands right before it.
        #expect(migrated.text.contains("in little memory.\n      - public.item\n"))
    }

    // MARK: Columns and names

    private static let clauses: [(clause: String, is: ColumnClause)] = [
        ("SELECT id, name", .columns(["id", "name"])), ("select id,Name , name", .columns(["id", "name"])),
        ("SELECT \"Id\", \"a\"\"b\", x", .columns(["Id", "a\"b", "x"])), ("SELECT *", .all), ("SELECT  * ", .all),
        ("  SELECT\n id,\n name ;", .columns(["id", "name"])), ("SELECT\"a, b\"", .columns(["a, b"])),
        ("SELECT id, upper(name)", .expression), ("SELECT id, name AS title", .expression),
        ("SELECT id, name title", .expression), ("SELECT id, 1", .expression), ("SELECT id WHERE x", .expression),
        ("SELECT id, 'x'", .expression), ("SELECT t.id", .expression), ("SELECT id,", .expression), ("", .expression),
        ("SELECT", .expression), ("id, name", .expression), ("SELECTED", .expression), ("SELECT *, id", .expression),
        ("SELECT coalesce(a, b), id", .expression), ("SELECT \"a", .expression), ("SELECT \"a\" \"b\"", .expression),
    ]

    @Test(arguments: clauses.indices) func `a clause is columns, all of them, or more`(_ index: Int) {
        #expect(ColumnClause(Self.clauses[index].clause) == Self.clauses[index].is, "\(Self.clauses[index].clause)")
    }

    @Test func `chosen columns become columns, the key's among them`() throws {
        let migrated = try migrated {
            $0.relations[1].key = ["id", "place"]
            $0.customColumns = [
                .init(relation: 1, clause: "SELECT id, name", database: nil, sync: nil),
                .init(relation: 2, clause: "SELECT body, id", database: nil, sync: nil),
            ]
        }
        let overrides = try migrated.settings().syncs[0].overrides
        #expect(overrides.map(\.columns) == [["id", "name"], ["place", "body", "id"]])
        #expect(migrated.remarks.map(\.was) == ["public.note: customcols left out the key: place"])
    }

    @Test func `what is for a sync stands above what is for all, and what is for another does not count`() throws {
        let sync = try sync {
            $0.customColumns = [
                .init(relation: 1, clause: "SELECT id, a", database: nil, sync: "library"),
                .init(relation: 1, clause: "SELECT id, b", database: nil, sync: nil),
                .init(relation: 1, clause: "SELECT id, c", database: nil, sync: "other"),
                .init(relation: 2, clause: "SELECT id, d", database: "elsewhere", sync: nil),
            ]
        }
        #expect(sync.overrides.map(\.columns) == [["id", "a"]])
    }

    @Test func `columns for one database hold where it is the only receiver`() throws {
        let only = try migrated {
            $0.customColumns = [.init(relation: 1, clause: "SELECT id, a", database: "durham", sync: nil)]
        }
        #expect(try only.settings().syncs[0].overrides.map(\.columns) == [["id", "a"]] && only.remarks.isEmpty)
        let oneOfTwo = try migrated {
            $0.databases.append(Catalogues.database("boston", host: "db3"))
            $0.groups[0].members.append(.init(database: "boston", role: "target"))
            $0.customColumns = [.init(relation: 1, clause: "SELECT id, a", database: "durham", sync: nil)]
        }
        #expect(try oneOfTwo.settings().syncs[0].overrides.isEmpty)
        #expect(oneOfTwo.remarks.map(\.was) == ["public.item: customcols for durham alone: SELECT id, a"])
    }

    @Test func `expressions and other names are told`() throws {
        let migrated = try migrated {
            $0.customColumns = [.init(relation: 1, clause: "SELECT id, upper(name)", database: nil, sync: nil)]
            $0.customNames = [
                .init(relation: 1, name: "public.item2", database: nil, sync: nil),
                .init(relation: 1, name: "item3", database: "durham", sync: "library"),
                .init(relation: 1, name: "item4", database: "elsewhere", sync: nil),
                .init(relation: 2, name: "note2", database: nil, sync: "other"),
            ]
        }
        #expect(try migrated.settings().syncs[0].overrides.isEmpty)
        #expect(
            migrated.remarks.map(\.was) == [
                "public.item: customcols made more of it than a choice of columns: SELECT id, upper(name)",
                "public.item: customname called it public.item2 at the targets",
                "public.item: customname called it item3 at durham",
            ])
    }

    // MARK: Settings

    static let settings: [(change: @Sendable (inout BucardoCatalogue.Sync) -> Void, was: String, instead: String)] = [
        ({ $0.autokick = false }, "autokick was off", "switchback sync library"),
        ({ $0.checkInterval = "00:10:00" }, "checktime 00:10:00", "every second"),
        ({ $0.oneTimeCopy = 1 }, "onetimecopy 1: the next run was to copy all tables", "switchback copy library"),
        ({ $0.oneTimeCopy = 2 }, "onetimecopy 2: the next run was to copy the tables that are empty", "compares"),
        ({ $0.isStrict = false }, "strict_checking was off", "switchback check"),
        ({ $0.rebuildsIndex = true }, "rebuild_index", "secondary indexes"),
        ({ $0.deleteMethod = "truncate" }, "deletemethod truncate", "nothing"),
        ({ $0.copyExtra = "WITH OIDS" }, "copyextra WITH OIDS", "nothing"),
        ({ $0.isolationLevel = "serializable" }, "isolation_level serializable", "snapshot"),
        ({ $0.analyzes = false }, "analyze_after_copy off, vacuum_after_copy off", "autovacuum"),
        ({ $0.vacuums = true }, "analyze_after_copy on, vacuum_after_copy on", "autovacuum"),
        (
            {
                $0.overdue = "00:05:00"
                $0.expired = "01:00:00"
            }, "overdue 00:05:00, expired 01:00:00", "lag_seconds"
        ),
        ({ $0.tracksRates = true }, "track_rates", "status"),
        (
            {
                $0.lifetime = "1 day"
                $0.kicksMax = 9
            }, "lifetime 1 day, maxkicks 9", "nothing"
        ),
        (
            {
                $0.staysAlive = false
                $0.kidsStayAlive = false
                $0.priority = 3
            }, "stayalive off, kidsalive off, priority 3", "nothing"
        ),
        ({ $0.status = "stalled" }, "Bucardo had the sync as stalled", "tries again"),
    ]

    @Test(arguments: settings.indices) func `a setting that has no counterpart is told`(_ index: Int) throws {
        let (change, was, instead) = Self.settings[index]
        let migrated = try migrated { change(&$0.syncs[0]) }
        #expect(migrated.remarks.count == 1)
        #expect(migrated.remarks.first?.place == "syncs.library")
        #expect(migrated.remarks.first?.was.hasPrefix(was) == true, "\(migrated.remarks)")
        #expect(migrated.remarks.first?.instead.contains(instead) == true, "\(migrated.remarks)")
        #expect(migrated.text.contains("1 thing could not be carried over."))
        #expect(try migrated.settings() == MigratedConfiguration(Catalogues.library()).settings())
    }

    private static let tableSettings: [(change: @Sendable (inout BucardoCatalogue.Relation) -> Void, was: String)] = [
        ({ $0.isStrict = false }, "strict_checking was off"), ({ $0.makesDeltas = "on" }, "makedelta was on"),
        (
            { $0.conflictStrategy = "bucardo_latest" },
            "conflict_strategy bucardo_latest, which Bucardo keeps and never uses"
        ),
        ({ $0.rebuildsIndex = true }, "rebuild_index was on"), ({ $0.autokick = false }, "autokick was off for it"),
        ({ $0.bypassesDeltas = true }, "delta_bypass"), ({ $0.isGhost = true }, "it was a ghost"),
    ]

    @Test(arguments: tableSettings.indices) func `a table's setting that has no counterpart is told`(_ index: Int)
        throws
    {
        let (change, was) = Self.tableSettings[index]
        let migrated = try migrated { change(&$0.relations[1]) }
        #expect(migrated.remarks.map(\.place) == ["syncs.library.tables"])
        #expect(migrated.remarks.first?.was.hasPrefix("public.note: \(was)") == true, "\(migrated.remarks)")
        _ = try migrated.settings()
    }

    @Test func `code, triggers and an order of tables are told where they were used`() throws {
        let migrated = try migrated {
            $0.customCode = [
                .init(name: "stamp", moment: "before_txn", syncs: ["library"]),
                .init(name: "settle", moment: "conflict", isActive: false, syncs: ["library"]),
                .init(name: "clash", moment: "exception", relations: [2]),
                .init(name: "nobody", moment: "after_sync"),
            ]
            $0.customTriggers = [.init(relation: 1, name: "own", kind: "delta")]
            $0.relgroups[0].hasPriorities = true
        }
        #expect(migrated.remarks(at: "syncs.library").count == 2)
        #expect(
            migrated.remarks(at: "syncs.library")[1].contains("(not in use) → write the decision as a SQL function"))
        #expect(migrated.remarks(at: "syncs.library.tables").count == 3)
        #expect(migrated.remarks(at: "").map { $0.prefix(31) } == ["customcode nobody ran Perl at a"])
    }

    // MARK: The rest

    @Test func `what no sync has, settings that were changed and columns that nobody knows stand at the end`() throws {
        let migrated = try migrated {
            $0.groups.append(.init(name: "idle"))
            $0.relgroups.append(.init(name: "spare", relations: [3]))
            $0.relations.append(Catalogues.relation(3, "old"))
            $0.unknownColumns = ["sync.colour"]
            $0.settings = [
                .init(name: "log_level", value: "debug", original: "normal"),
                .init(name: "vac_sleep", value: "120", original: "120"),
                .init(name: "kid_sleep", value: "0.1", original: "0.5"),
                .init(name: "bucardo_version", value: "5.6.0", original: "5.5.0"),
                .init(name: "isolation_level", value: "serializable", original: nil, kind: "sync", item: "library"),
                .init(name: "ctl_sleep", value: "9", original: nil),
            ]
        }
        #expect(
            migrated.remarks(at: "").map { $0.components(separatedBy: " → ")[0] } == [
                "columns of the catalogue that Switchback knows nothing of: sync.colour",
                "dbgroups that no sync has: idle",
                "relgroups that no sync has: spare", "tables and sequences that no sync has: public.old",
                "settings that were changed: log_level = debug",
                "settings that were changed: kid_sleep = 0.1, isolation_level = serializable for sync library",
            ])
        _ = try migrated.settings()
    }
}
