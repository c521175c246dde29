import Model
import Testing

@Suite("Snapshot: what a cursor has seen (P2)")
struct SnapshotTests {
    @Test("reads and prints Postgres' text form")
    func roundTrip() {
        #expect(Snapshot("10:20:10,14")?.description == "10:20:10,14")
        #expect(Snapshot("10:10:")?.inProgress == [])
        for bad in ["", "10:20", "20:10:", "10:20:x", "10:20:30", "a:b:c"] { #expect(Snapshot(bad) == nil) }
    }

    @Test("a running transaction is not included until it ended")
    func includes() {
        let snapshot = Snapshot("10:20:10,14")!
        #expect(snapshot.includes(9))
        #expect(!snapshot.includes(10))
        #expect(snapshot.includes(11))
        #expect(!snapshot.includes(14))
        #expect(!snapshot.includes(20))
    }

    @Test("a later snapshot covers an earlier one, never the other way round")
    func covers() {
        let earlier = Snapshot("10:20:10,14")!
        #expect(earlier.covers(earlier))
        #expect(Snapshot("10:25:10,14,22")!.covers(earlier))
        #expect(Snapshot("25:25:")!.covers(earlier))
        #expect(!earlier.covers(Snapshot("14:20:14")!))
        #expect(!earlier.covers(Snapshot("25:25:")!))
    }

    @Test("cover agrees with inclusion, transaction by transaction")
    func coversByEnumeration() {
        // Every pair of snapshots over six transactions, where the later one is what the earlier one may become.
        for running in 0..<64 {
            for stillRunning in 0..<64 {
                let earlier = Snapshot(xmin: 0, xmax: 6, inProgress: bits(running))
                let other = Snapshot(xmin: 0, xmax: 6, inProgress: bits(stillRunning))
                let expected = (0..<6).allSatisfy { !earlier.includes($0) || other.includes($0) }
                #expect(other.covers(earlier) == expected)
            }
        }
    }

    private func bits(_ mask: Int) -> [UInt64] { (0..<6).filter { mask >> Int($0) & 1 == 1 } }
}
