import Model
import Settings
import Testing

@testable import Migration

/// A sync that cannot be in use as it was stands commented out, whole, with the reason.
@Suite("Syncs that stand commented out") struct ObstacleTests {
    /// A catalogue with a second sync, `other`.
    private func two(_ change: (inout BucardoCatalogue) -> Void) throws -> MigratedConfiguration {
        var catalogue = Catalogues.library()
        catalogue.databases += [Catalogues.database("boston", host: "db3"), Catalogues.database("york", host: "db4")]
        catalogue.groups.append(Catalogues.group("others", ["boston": "source", "york": "target"]))
        catalogue.syncs.append(.init(name: "other", relgroup: "tables", group: "others"))
        change(&catalogue)
        return try MigratedConfiguration(catalogue)
    }

    private func expectOut(_ migrated: MigratedConfiguration, _ was: String, _ instead: String = "") throws {
        #expect(migrated.syncs == ["library"])
        #expect(try migrated.settings().syncs.map(\.name) == ["library"])
        let remark = try #require(migrated.remarks.first { $0.place == "syncs.other" })
        #expect(remark.was.contains(was), "\(remark)")
        #expect(remark.instead.contains(instead), "\(remark)")
    }

    @Test func `an inactive sync can be used as it stands`() throws {
        let migrated = try two { $0.syncs[1].status = "inactive" }
        try expectOut(migrated, "inactive")
        let settings = try Settings.parse(migrated.withUse(of: "other", "boston", "york"))
        #expect(settings.syncs.map(\.name) == ["library", "other"])
        #expect(settings.syncs[1].tables.count == 2 && settings.syncs[1].targets == ["york"])
    }

    @Test func `a sync that has all that it needs is in use beside another`() throws {
        let migrated = try two { _ in }
        #expect(migrated.syncs == ["library", "other"] && migrated.remarks.isEmpty)
        let sameSource = try two { $0.groups[1].members[0].database = "raleigh" }
        #expect(sameSource.syncs == ["library", "other"], "one source may feed two syncs")
        let otherTables = try two {
            $0.groups[1] = Catalogues.group("others", ["durham": "source", "york": "target"])
            $0.relations.append(Catalogues.relation(3, "else"))
            $0.relgroups.append(.init(name: "more", relations: [3]))
            $0.syncs[1].relgroup = "more"
        }
        #expect(otherTables.syncs == ["library", "other"], "no table is handed on")
    }

    @Test func `without a source, a receiver, a table`() throws {
        try expectOut(two { $0.groups[1].members = [] }, "no source")
        try expectOut(two { $0.groups[1].members.removeLast() }, "no node that its source could send to")
        try expectOut(two { $0.databases[3].status = "inactive" }, "no node that its source could send to")
        try expectOut(two { $0.databases[3].kind = "oracle" }, "no node that its source could send to")
        try expectOut(two { $0.syncs[1].relgroup = nil }, "no table")
        try expectOut(two { $0.syncs[1].group = nil }, "no source")
        let sequences = try two {
            $0.relations.append(Catalogues.relation(3, "number", key: nil))
            $0.relations[2].isSequence = true
            $0.relgroups.append(.init(name: "numbers", relations: [3]))
            $0.syncs[1].relgroup = "numbers"
        }
        try expectOut(sequences, "sequences and no table", "under the tables of a sync between the same nodes")
        #expect(sequences.text.contains("#      - public.number\n"))
    }

    @Test func `two nodes that are one database`() throws {
        let migrated = try two { catalogue in
            catalogue.databases[3] = catalogue.databases[2]
            catalogue.databases[3].name = "york"
        }
        try expectOut(migrated, "one database")
    }

    // MARK: Syncs that hand on

    @Test func `a chain names the target that belongs into the first sync`() throws {
        let chain = try two { $0.groups[1] = Catalogues.group("others", ["durham": "source", "york": "target"]) }
        try expectOut(
            chain, "takes public.item, public.note on from durham, where sync library brings it",
            "name york as target in sync library")
    }

    @Test func `a chain whose end comes first`() throws {
        let chain = try two { $0.groups[1] = Catalogues.group("others", ["york": "source", "raleigh": "target"]) }
        try expectOut(
            chain, "brings public.item, public.note to raleigh, where sync library takes it from",
            "name durham as target here")
    }

    @Test func `there and back is one sync with two sources`() throws {
        let back = try two { $0.groups[1] = Catalogues.group("others", ["durham": "source", "raleigh": "target"]) }
        try expectOut(back, "back to where", "nodes: { raleigh: source, durham: source }")
    }

    @Test func `two sources that meet at a target`() throws {
        let junction = try two { $0.groups[1] = Catalogues.group("others", ["boston": "source", "durham": "target"]) }
        try expectOut(
            junction, "brings public.item, public.note to durham, as sync library does", "one sync with several sources"
        )
    }

    @Test func `what one source sends twice is sent once, with the targets of both`() throws {
        let twice = try two {
            $0.groups[1] = Catalogues.group("others", ["raleigh": "source", "durham": "target", "york": "target"])
        }
        try expectOut(twice, "to durham, as sync library does", "name york as target in sync library")
        let same = try two { $0.syncs[1].group = "sites" }
        try expectOut(same, "to durham, as sync library does", "nothing; sync library brings it")
        let more = try two {
            $0.groups[1] = Catalogues.group(
                "others", ["raleigh": "source", "durham": "source", "york": "target"])
        }
        try expectOut(more, "back to where", "nodes: { raleigh: source, durham: source, york: target }")
    }

    @Test func `where a part of the tables is in the way, that part is excluded and the rest carried`() throws {
        let migrated = try two {
            $0.relations += [Catalogues.relation(3, "more"), Catalogues.relation(4, "Most")]
            $0.relgroups.append(.init(name: "all", relations: [1, 2, 3, 4]))
            $0.syncs[1].relgroup = "all"
            $0.groups[1] = Catalogues.group("others", ["durham": "source", "york": "target"])
        }
        #expect(migrated.syncs == ["library", "other"])
        let sync = try migrated.settings().syncs[1]
        #expect(sync.tables.count == 4)
        #expect(sync.exclude.map(\.description) == ["public.item", "public.note"])
        #expect(migrated.remarks.map(\.place) == ["syncs.other.exclude"])
        #expect(migrated.remarks[0].was.hasPrefix("it takes public.item, public.note on from durham"))
        #expect(migrated.remarks[0].instead.hasPrefix("name york as target in sync library"))
    }

    @Test func `what two syncs before it are in the way of, together, is all of it`() throws {
        let migrated = try two {
            $0.relgroups += [.init(name: "first", relations: [1]), .init(name: "second", relations: [2])]
            $0.syncs[0].relgroup = "first"
            $0.syncs[1].relgroup = "second"
            $0.groups[1] = Catalogues.group("others", ["raleigh": "source", "durham": "target"])
            $0.syncs.append(.init(name: "third", relgroup: "tables", group: "sites"))
        }
        #expect(migrated.syncs == ["library", "other"])
        #expect(migrated.remarks.map(\.place) == ["syncs.third", "syncs.third.exclude"])
    }

    @Test func `what a sync that is out would bring is no obstacle`() throws {
        let migrated = try two {
            $0.syncs[0].status = "inactive"
            $0.groups[1] = Catalogues.group("others", ["durham": "source", "york": "target"])
        }
        #expect(migrated.syncs == ["other"])
    }

    // MARK: Nothing left

    @Test func `a catalogue of which no sync is left is an error with the reasons`() throws {
        #expect(throws: BucardoError.nothingToCarry(reasons: [])) { try MigratedConfiguration(BucardoCatalogue()) }
        var catalogue = Catalogues.library()
        catalogue.syncs[0].status = "inactive"
        #expect(throws: BucardoError.nothingToCarry(reasons: ["library: the sync was inactive"])) {
            try MigratedConfiguration(catalogue)
        }
    }

    @Test func `every error has a hint`() {
        let errors: [BucardoError] = [
            .unreachable(address: "host=x", reason: "r"), .noCatalogue(address: "host=x", isReplicated: false),
            .noCatalogue(address: "host=x", isReplicated: true), .otherVersion("4.5.0", missing: ["sync.dbs"]),
            .otherVersion("", missing: (1...9).map { "t.\($0)" }), .unreadable(address: "host=x", reason: "r"),
            .nothingToCarry(reasons: []), .nothingToCarry(reasons: ["a"]),
        ]
        for error in errors { #expect(!error.message.isEmpty && !error.hint.isEmpty && !error.hint.hasSuffix(".")) }
        #expect(errors[3].message == "the catalogue of Bucardo 4.5.0 lacks what Bucardo 5 has: sync.dbs")
        #expect(errors[4].message.hasSuffix("t.5 and 4 more"))
    }
}
