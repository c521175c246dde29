import Model
import Testing

@Suite("Whose clock is off") struct ClockSkewTests {
    @Test(
        arguments: [
            (["a": 0.1, "b": -0.2], []),
            (["a": 0, "b": 600], ["b"]),
            // This machine's own clock is off, and both nodes agree.
            (["a": -600, "b": -600.5], []),
            (["a": 1, "b": -20, "c": 2, "d": 700], ["d", "b"]),
            ([:], []),
        ] as [([String: Double], [String])])
    func `it is the one that the others do not agree with`(offsets: [String: Double], off: [String]) {
        #expect(ClockSkew.judge(offsets, limit: 5).map(\.node) == off)
    }

    @Test func `it says which way, how far, and what comes of it`() {
        #expect(
            ClockSkew(node: "a", seconds: -7.4).text(limit: 5)
                == "the clock of a is 7 s behind, more than 5 s: where the latest change wins, its changes lose conflicts that they should win"
        )
    }
}
