import Testing

@testable import Failover

@Suite("Epochs that nobody else has") struct EpochNumbersTests {
    @Test func `a node's numbers grow, and are no other node's`() {
        for count in 1...3 {
            for remainder in 0..<count {
                for above in 0...20 {
                    let next = EpochNumbers.next(above: above, remainder: remainder, of: count)
                    #expect(next > above && next <= above + count && next % count == remainder)
                }
            }
        }
    }

    @Test func `every engine gives a node the same numbers, in whatever order it knows the nodes`() {
        let (one, other) = (EpochNumbers(nodes: ["raleigh", "durham"]), EpochNumbers(nodes: ["durham", "raleigh"]))
        #expect(one == other && one.count == 2)
        #expect(one.remainder(of: "durham") == 0 && one.remainder(of: "raleigh") == 1)
    }
}
