import Model
import Testing

@Suite("Stamps: one order at every node (P4)") struct StampTests {
    private func stamp(_ time: Int64, _ origin: String, _ transaction: UInt64 = 1) -> Stamp {
        Stamp(microseconds: time, origin: origin, transaction: transaction)
    }

    @Test func `time comes first, then the writer's name, then the transaction`() {
        let ascending = [
            stamp(.min, "B", 9), stamp(-1, "B"), stamp(0, "B", 9), stamp(1, "A", 2), stamp(1, "A", 3), stamp(1, "B", 1),
            stamp(1, "B", .max), stamp(1, "BA"), stamp(1, "a"), stamp(1, "e\u{301}"), stamp(1, "é"), stamp(2, "A"),
            stamp(.max, ""),
        ]
        for (index, left) in ascending.enumerated() {
            for (other, right) in ascending.enumerated() {
                #expect((left < right) == (index < other), "\(left) and \(right)")
                #expect((left == right) == (index == other), "\(left) and \(right)")
            }
        }
    }

    @Test func `names are told apart by their bytes`() {
        #expect(Dot(origin: "caf\u{E9}", transaction: 1) != Dot(origin: "cafe\u{301}", transaction: 1))
        #expect(Set([stamp(1, "caf\u{E9}"), stamp(1, "cafe\u{301}"), stamp(1, "caf\u{E9}")]).count == 2)
        let composed = RowVersion(dot: Dot(origin: "A", transaction: 1), microseconds: 1, values: ["caf\u{E9}"])
        let decomposed = RowVersion(dot: composed.dot, microseconds: 1, values: ["cafe\u{301}"])
        #expect(composed != decomposed)
    }

    @Test(arguments: ["raleigh", "a@b", "a:7", "@", ":", "né:\u{301}@\u{301}", ""])
    func `a stamp is read as it was written`(
        origin: String
    ) {
        let stamp = Stamp(microseconds: 1_767_225_600_000_001, origin: origin, transaction: 4711)
        #expect(Stamp(stamp.description) == stamp)
        for text in ["", "1@a", "1:2", "x@a:1", "1@a:", "@a:1", "1@a:-1"] { #expect(Stamp(text) == nil, "\(text)") }
    }
}
