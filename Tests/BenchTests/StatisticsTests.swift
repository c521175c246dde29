import Testing

@testable import bench

/// What is told of many values is right. Benchmarks promise nothing of Switchback; these promise that they count right.
@Suite("Benchmark statistics") struct StatisticsTests {
    @Test func `the median of an odd number is the middle one, of an even number the mean of two`() {
        #expect([3.0, 1, 2].median == 2)
        #expect([4.0, 1, 2, 3].median == 2.5)
        #expect([7.0].median == 7)
        #expect([Double]().median == nil)
    }

    @Test func `percentiles go by nearest rank and stay within the values`() {
        let values = (1...200).map(Double.init).shuffled()
        #expect(values.percentile(0.5) == 101)
        #expect(values.percentile(0.95) == 191)
        #expect(values.percentile(1) == 200)
        #expect([5.0].percentile(0.99) == 5)
        #expect([Double]().percentile(0.5) == nil)
    }

    @Test func `a spread has median, lowest, highest and how many there were`() throws {
        let spread = try #require(Spread([9, 1, 5]))
        #expect(spread.median == 5)
        #expect(spread.min == 1)
        #expect(spread.max == 9)
        #expect(spread.count == 3)
        #expect(Spread([]) == nil)
    }

    @Test func `ratios pair the values of one round, so that a machine that drifts does not show`() {
        // Every round is twice as slow as the one before; within each, one system takes half again the other's time.
        let base = [1: 1.0, 2: 2.0, 3: 4.0]
        let value = [1: 1.5, 2: 3.0, 3: 6.0]
        #expect(pairedRatio(value, over: base) == 1.5)
        #expect(pairedRatio([1: 1.5, 4: 100], over: base) == 1.5)
        #expect(pairedRatio([4: 1], over: base) == nil)
        #expect(pairedRatio([1: 1], over: [1: 0]) == nil)
    }

    @Test func `numbers are rounded, padded and set apart by thousands`() {
        #expect(NumberText.fixed(1234567.891, decimals: 1) == "1,234,567.9")
        #expect(NumberText.fixed(999.96, decimals: 1) == "1,000.0")
        #expect(NumberText.fixed(0.0049, decimals: 3) == "0.005")
        #expect(NumberText.fixed(-1234.5, decimals: 0) == "-1,235")
        #expect(NumberText.fixed(0, decimals: 2) == "0.00")
        #expect(NumberText.fixed(-0.001, decimals: 1) == "0.0")
        #expect(NumberText.fixed(100, decimals: 0) == "100")
        #expect(NumberText.fixed(.infinity, decimals: 1) == "inf")
    }

    @Test func `durations are seconds`() {
        #expect(Duration.milliseconds(1500).seconds == 1.5)
        #expect(Duration.seconds(-2).seconds == -2)
    }
}
