import Foundation

/// Many files that are followed as they change: how long a change takes, and what resting and working costs.
struct FileWatch: Sendable {
    let trees: FileTrees
    let sizes: Sizes

    /// How many changes are made in a second.
    private static let rate = 100

    func run(_ engine: Engine) async throws -> [String: Double] {
        // What it does first is over when both trees are equal and a change comes through after that.
        try await equal(within: sizes.patienceSeconds, engine)
        try trees.write(0, "canary\n")
        do { _ = try await trees.arrival(of: 0, "canary\n", within: sizes.patienceSeconds) } catch let error
            as ScenarioFailure
        { throw ScenarioFailure("\(error): \(engine.logs)") }
        try await Task.sleep(for: .seconds(2))
        let idle = try await share(engine, of: sizes.idleSeconds) {
            try await Task.sleep(for: .seconds(sizes.idleSeconds))
        }
        let latencies = try await latencies()
        let busy = try await share(engine, of: sizes.seconds) { try await change() }
        let last = "the last\n"
        try trees.write(1, last)
        _ = try await trees.arrival(of: 1, last, within: sizes.patienceSeconds)
        try await equal(within: 120, engine)
        return [
            "p50_ms": (latencies.percentile(0.5) ?? 0) * 1000, "p95_ms": (latencies.percentile(0.95) ?? 0) * 1000,
            "idle_pct": idle, "busy_pct": busy,
        ]
    }

    /// Waits until both trees are equal.
    private func equal(within seconds: Int, _ engine: Engine) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while let difference = try await trees.difference() {
            guard ContinuousClock.now < end else { throw ScenarioFailure("\(difference): \(engine.logs)") }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func latencies() async throws -> [Double] {
        var all: [Double] = []
        for number in 0..<max(10, sizes.latencyRows / 4) {
            // Not in step with what gathers changes.
            try await Task.sleep(for: .milliseconds(Int.random(in: 300...900)))
            let file = Int.random(in: 2..<sizes.watchedFiles)
            let text = "change \(number)\n"
            let start = ContinuousClock.now
            try trees.write(file, text)
            all.append((try await trees.arrival(of: file, text, within: sizes.patienceSeconds) - start).seconds)
        }
        return all
    }

    private func change() async throws {
        let start = ContinuousClock.now
        for number in 0..<(sizes.seconds * Self.rate) {
            try trees.write(Int.random(in: 2..<sizes.watchedFiles), "under load \(number)\n")
            try await Task.sleep(until: start + .milliseconds(1000 / Self.rate) * (number + 1), clock: .continuous)
        }
    }

    /// The processor time of the engine and all that it started, in percent of a core.
    private func share(_ engine: Engine, of seconds: Int, _ body: () async throws -> Void) async throws -> Double {
        let before = ProcessTable.now().seconds(engine.roots())
        try await body()
        return (ProcessTable.now().seconds(engine.roots()) - before) / Double(seconds) * 100
    }
}

/// A pass over a whole tree in which one file has changed, turn by turn with bare rsync.
struct FilePass: Sendable {
    let trees: FileTrees
    /// Runs the pass.
    let pass: @Sendable () async throws -> Void

    private static let turns = 3

    func run() async throws -> [String: Double] {
        let start = ContinuousClock.now
        try await pass()
        let first = (ContinuousClock.now - start).seconds
        var (bare, own): ([Double], [Double]) = ([], [])
        for turn in 0..<Self.turns {
            try trees.write(turn, "bare \(turn)\n")
            bare.append(try await trees.rsync().seconds)
            try trees.write(turn, "pass \(turn)\n")
            let start = ContinuousClock.now
            try await pass()
            own.append((ContinuousClock.now - start).seconds)
        }
        if let difference = try await trees.difference() { throw ScenarioFailure(difference) }
        let ratio = zip(own, bare).map { $0 / max($1, 1e-9) }.median ?? 0
        return ["first_s": first, "rsync_s": bare.median ?? 0, "pass_s": own.median ?? 0, "ratio": ratio]
    }
}
