import DNSProviders
import Foundation
import Model
import Testing

@testable import Demo

/// What the demo proves, and what its site is made of.
@Suite("The demo's site and its proof (P5)") struct SiteTests {
    private func ledger(_ count: Int) -> (Ledger, Set<String>) {
        var ledger = Ledger()
        var receipts: Set<String> = []
        for number in 0..<count {
            let receipt = ledger.begin(writer: number % 4)
            ledger.acknowledge(receipt, by: "raleigh", now: .now)
            receipts.insert(receipt)
        }
        return (ledger, receipts)
    }

    @Test func `all that was acknowledged at both nodes is a proof`() {
        let (ledger, receipts) = ledger(100)
        let proof = Proof(ledger, found: ["raleigh": receipts, "durham": receipts])
        #expect(proof.holds && proof.acknowledged == 100 && proof.missingCount == 0)
    }

    @Test func `one row taken away, at one node or at both, is none`() throws {
        let (ledger, receipts) = ledger(100)
        let lost = try #require(receipts.first)
        let one = Proof(ledger, found: ["raleigh": receipts, "durham": receipts.subtracting([lost])])
        #expect(!one.holds && one.missing == ["durham": [lost]])
        let both = Proof(
            ledger, found: ["raleigh": receipts.subtracting([lost]), "durham": receipts.subtracting([lost])])
        #expect(!both.holds && both.missingCount == 2)
        var report = DemoReport()
        report.comparison.identical = true
        report.refusal.sqlstate = "25006"
        report.books.looks = 1
        report.proof = .init(Proof(ledger, found: ["raleigh": receipts, "durham": receipts]), balances: true)
        #expect(report.isGood)
        report.proof = .init(one, balances: true)
        #expect(!report.isGood)
    }

    @Test func `what nobody wrote, what only one node has and what nobody looked at are none`() {
        let (ledger, receipts) = ledger(10)
        let foreign = receipts.union(["writer-9-9"])
        #expect(!Proof(ledger, found: ["raleigh": foreign, "durham": foreign]).holds)
        #expect(!Proof(ledger, found: [:]).holds)
        #expect(!Proof(Ledger(), found: ["raleigh": [], "durham": []]).holds)
    }

    @Test func `a transaction whose answer was lost may be there or not, but at both nodes alike`() {
        let (before, receipts) = ledger(10)
        var ledger = before
        let unanswered = ledger.begin(writer: 1)
        #expect(Proof(ledger, found: ["raleigh": receipts, "durham": receipts]).holds)
        let more = receipts.union([unanswered])
        let proof = Proof(ledger, found: ["raleigh": more, "durham": more])
        #expect(proof.holds && proof.unanswered == 1)
        #expect(!Proof(ledger, found: ["raleigh": more, "durham": receipts]).holds)
    }

    @Test func `the longest time without an acknowledgement is measured anew from each part on`() {
        var ledger = Ledger()
        let start = ContinuousClock.now
        ledger.beginPart(now: start)
        for (receipt, second) in [("a", 1), ("b", 5), ("c", 6)] {
            ledger.acknowledge(receipt, by: "raleigh", now: start + .seconds(second))
        }
        #expect(ledger.longestGap == .seconds(4) && ledger.byNode == ["raleigh": 3])
        ledger.beginPart(now: start + .seconds(7))
        ledger.acknowledge("d", by: "durham", now: start + .seconds(9))
        #expect(ledger.longestGap == .seconds(2) && ledger.byNode == ["durham": 1])
    }

    @Test func `without BIND a file is served, and a program changes it where it is as it was`() async throws {
        let folder = "/tmp/switchback-demo-test-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let service = try await NameService.start(
            in: folder, within: folder, leadingTo: "127.0.0.11", usesBind: false)
        #expect(try await service.lookUp() == "127.0.0.11")
        let zone = try #require(DNSName(NameService.zone))
        let name = try #require(DNSName(NameService.name))
        let provider = ExecProvider(
            zone: zone, command: ["/bin/sh", folder + "/names/names", folder + "/names/address"], limit: .seconds(10))
        func set(_ address: String) -> DNSRecordSet {
            DNSRecordSet(name, .a, ttlSeconds: NameService.ttlSeconds, values: [address])
        }
        let view = try await provider.show([name])
        #expect(view.sets == [set("127.0.0.11")])
        let plan = try DNSPlan.make(
            wanted: [set("127.0.0.12")], site: "secondary", seen: view, policy: DNSPolicy())
        try await provider.apply(plan, seen: view)
        #expect(try await service.lookUp() == "127.0.0.12")
        let refusal = await #expect(throws: DNSError.self) { try await provider.apply(plan, seen: view) }
        #expect(refusal?.kind == .stale)
        await service.stop()
    }

    private var uploads: UploadBook {
        var book = UploadBook()
        for number in 1...3 { book.handedIn("\(number)", "text \(number)") }
        book.changed("2", from: "text 2", to: "as raleigh has it")
        book.changed("2", from: "text 2", to: "as durham has it")
        book.withdraw("3")
        return book
    }

    @Test func `a file is proved by both sites, or by a backup folder that the report names`() {
        let tree = ["1": "text 1", "2": "as durham has it"]
        let aside = [UploadProof.Aside(path: "2", text: "as raleigh has it")]
        let proof = UploadProof(uploads, trees: [tree, tree], aside: aside)
        #expect(proof.holds && proof.files == 2 && proof.setAside == ["2"])
        #expect(UploadProof(uploads, trees: [tree, tree], aside: []).missing == ["2"])
        let one = UploadProof(uploads, trees: [tree, ["2": "as durham has it"]], aside: aside)
        #expect(!one.holds && one.missing == ["1"])
        var back = tree
        back["3"] = "text 3"
        #expect(UploadProof(uploads, trees: [tree, back], aside: aside).returned == ["3"])
        #expect(!UploadProof(UploadBook(), trees: [[:], [:]], aside: []).holds)
        // Another content under the same path proves nothing.
        let wrong = [UploadProof.Aside(path: "2", text: "something else")]
        #expect(!UploadProof(uploads, trees: [tree, tree], aside: wrong).holds)
    }

    @Test func `without rsync the demo goes on without files`() async throws {
        let none = try await DemoFiles.prepare(beside: [], rsync: "no-such-rsync")
        #expect(none == nil)
        #expect(await DemoFiles.version(of: "rsync")?.hasPrefix("rsync ") == true)
        var report = DemoReport()
        report.comparison.identical = true
        report.refusal.sqlstate = "25006"
        report.books.looks = 1
        report.proof.holds = true
        #expect(report.isGood && DemoSummary.lines(report).last?.1 == "left out: rsync is not installed")
        report.files = .init(mover: "rsync", arrivals: Latencies())
        #expect(!report.isGood)
    }

    @Test func `steps tell what matters in a line`() {
        #expect(
            PlanView.short("zone demo.test: 1 change; replace www A 127.0.0.11 by 127.0.0.12, TTL 1; checksum 1")
                == "replace www A 127.0.0.11 by 127.0.0.12, TTL 1")
        #expect(
            PlanView.short("cannot reach node raleigh (host=127.0.0.1 port=1): refused") == "cannot reach node raleigh")
    }
}
