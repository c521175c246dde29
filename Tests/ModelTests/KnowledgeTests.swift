import Model
import Testing

@Suite("Knowledge: what a node has seen of each (P2, P4)") struct KnowledgeTests {
    @Test func `a transaction that is open has not been seen, however old it is`() {
        let knowledge = Knowledge(["A": Snapshot("10:20:10,14")!])
        #expect(knowledge.has(Dot(origin: "A", transaction: 13)))
        #expect(!knowledge.has(Dot(origin: "A", transaction: 14)))
        #expect(!knowledge.has(Dot(origin: "A", transaction: 20)))
        #expect(!knowledge.has(Dot(origin: "B", transaction: 1)))
    }

    @Test func `the union has seen what either has, transaction by transaction`() {
        // Any two snapshots over five transactions, also such as follow from no common past.
        let snapshots = (0...5).flatMap { end in
            (0..<(1 << end)).map { running in
                let open = (0..<UInt64(end)).filter { running >> Int($0) & 1 == 1 }
                return Snapshot(xmin: open.first ?? UInt64(end), xmax: UInt64(end), inProgress: open)
            }
        }
        for one in snapshots {
            for other in snapshots {
                var both = Knowledge(["A": one])
                both.formUnion(Knowledge(["A": other, "B": one]))
                let isRight = (0..<6).allSatisfy { number in
                    both.has(Dot(origin: "A", transaction: number)) == (one.includes(number) || other.includes(number))
                }
                let covers = both.covers(Knowledge(["A": one])) && both.covers(Knowledge(["A": other, "B": one]))
                if !isRight || !covers { Issue.record("\(one) and \(other): \(both)") }
            }
        }
    }

    @Test func `knowledge of more origins covers that of fewer, not the other way round`() {
        let few = Knowledge(["A": Snapshot("5:5:")!])
        let many = Knowledge(["A": Snapshot("5:6:5")!, "B": Snapshot("5:5:")!])
        #expect(many.covers(few) && !few.covers(many))
        #expect(few.covers(Knowledge()) && !Knowledge().covers(few))
        #expect(!few.covers(Knowledge(["A": Snapshot("5:6:")!])))
    }
}
