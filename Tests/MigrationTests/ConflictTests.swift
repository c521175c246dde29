import Model
import Settings
import Testing

@testable import Migration

/// Bucardo's strategies become the rules that decide alike; where there is none, that is told.
@Suite("Bucardo's conflict strategies become rules") struct ConflictTests {
    private static let strategies: [(strategy: String, rule: ConflictRule, isTold: Bool)] = [
        ("bucardo_latest", .latest, false), ("bucardo_latest_all_tables", .latest, false),
        ("bucardo_source", .prefer(["raleigh", "boston"]), false),
        ("bucardo_target", .prefer(["boston", "raleigh"]), false),
        ("boston raleigh", .prefer(["boston", "raleigh"]), false),
        ("boston,raleigh", .prefer(["boston", "raleigh"]), false), ("boston", .prefer(["boston", "raleigh"]), false),
        (" boston ,  boston", .prefer(["boston", "raleigh"]), false),
        ("durham boston", .prefer(["boston", "raleigh"]), true), ("nobody", .latest, true),
        ("bucardo_skip", .hold, true), ("bucardo_abort", .hold, true), ("bucardo_custom", .hold, true),
        ("bucardo_random", .latest, true), ("bucardo_new", .latest, true),
    ]

    @Test(arguments: strategies.indices) func `a strategy becomes a rule`(_ index: Int) throws {
        let (strategy, rule, isTold) = Self.strategies[index]
        let migrated = try MigratedConfiguration(Catalogues.twoSources(strategy))
        #expect(try migrated.settings().syncs[0].conflict == rule)
        #expect(migrated.remarks(at: "syncs.library.conflict").count == (isTold ? 1 : 0))
        #expect(migrated.remarks.count == (isTold ? 1 : 0))
    }

    @Test func `a sync without a strategy has the default`() throws {
        var catalogue = Catalogues.twoSources("")
        #expect(try MigratedConfiguration(catalogue).settings().syncs[0].conflict == .latest)
        catalogue.settings = [.init(name: "default_conflict_strategy", value: "boston", original: "boston")]
        #expect(try MigratedConfiguration(catalogue).settings().syncs[0].conflict == .prefer(["boston", "raleigh"]))
    }

    @Test func `one source has no conflicts and no rule`() throws {
        var catalogue = Catalogues.library()
        catalogue.syncs[0].conflictStrategy = "bucardo_abort"
        let migrated = try MigratedConfiguration(catalogue)
        #expect(migrated.remarks.isEmpty && !migrated.text.contains("conflict:"))
    }
}
