import TestSupport
import Testing

/// P2 and P3: every batch brings the receiver to a state that the source really had.
@Suite("States of the source") struct HistoryTests {
    @Test func `a randomized workload arrives as states that the source really had, batch by batch`() async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(schema: Shop.schema)
        try await pair.source.run(Shop.opens)
        try await pair.start()
        let history = History(pair: pair, tables: Shop.tables)
        try await history.begin()
        let load = Load(database: pair.source, clients: 6, seed: seed, work: Shop.work)
        let (_, account) = try await load.run {
            try await pair.withEngine { try await Task.sleep(for: .seconds(5)) }
        }
        try await pair.catchUp()
        try await pair.expectEqual(Shop.tables.map { "public.\($0.name)" }, "seed \(seed)")
        let batches = try await history.check()
        print("\(account.done) transactions in \(batches) batches; refused connections: \(account.failed)")
        #expect(account.done > 100 && batches > 20)
    }

    @Test func `a reader at the target never sees books that do not balance`() async throws {
        let seed = testSeed()
        let pair = try await TestPair.make(schema: Bank.schema)
        try await pair.source.run(Bank.opens)
        try await pair.start()
        let load = Load(database: pair.source, clients: 5, seed: seed, work: Bank.work)
        let watcher = Watcher(database: pair.target, look: Bank.imbalance)
        let ((_, report), account) = try await load.run {
            try await watcher.run {
                try await pair.withEngine { try await Task.sleep(for: .seconds(5)) }
            }
        }
        print("\(account.done) transactions, \(report.looks) looks")
        #expect(report.wrongs.isEmpty, "seed \(seed)")
        #expect(report.looks > 50 && account.done > 100)
        try await pair.catchUp()
        try await pair.expectEqual()
        let wrong = try await pair.target.session(Bank.imbalance)
        #expect(wrong == nil)
    }
}
