/// The look right before nobody can write: whether what is on its way can be brought over while they cannot. Where it cannot,
/// it is brought over while people write, and looked at again. Nothing is closed meanwhile.
struct LastLook: Sendable {
    let nodes: any SiteNodes
    /// The node that is left, and the one that takes over.
    let from: String
    let to: String
    /// The longest that nobody may be able to write.
    let budget: Duration
    /// The time in the freeze that may go to what is on its way.
    let room: Duration
    /// How long it may wait.
    let limit: Duration
    /// Hears, before each look but the first, which one it is and why there is another.
    let onWait: @Sendable (_ look: Int, _ reason: String) -> Void

    /// Rows that arrive in a second, when nothing better is known.
    static let rowsPerSecond = 5000.0
    /// So many are not trusted to arrive at that pace: they are brought over first, which tells the true one.
    private static let rowsMeasured = 1000

    /// What may go to the last changes: the rest of the budget is for the fence, the user's programs and the files.
    ///
    /// - Parameter drain: the longest that their step may take.
    static func room(budget: Duration, drain: Duration) -> Duration { min(budget / 2, drain) }

    /// Looks, and brings over what is too much, until it is not.
    ///
    /// - Throws: `StepFailure` when it was too much for all of the time, or the nodes could not be asked.
    func wait() async throws -> StepResult {
        let end = ContinuousClock.now + limit
        var pace: Double?
        var look = 1
        while true {
            let rows = try await nodes.pending(from: from, to: to).reduce(0) { $0 + $1.rows }
            if isLittle(rows, pace) {
                try await requireMoving()
                return result(rows, pace, look)
            }
            guard ContinuousClock.now < end else { throw tooMuch(rows, pace) }
            look += 1
            onWait(look, "\(onTheirWay(rows, pace)): nothing is closed before they are there")
            pace = try await bringOver(rows, pace, until: end)
        }
    }

    /// Few rows that do not move are no fewer when nobody can write.
    private func requireMoving() async throws {
        guard let first = try await nodes.standstill(from: from, to: to).first else { return }
        throw StepFailure(
            "\(from) → \(to) does not move: \(first)", hint: "nothing was closed; see \"switchback status\"")
    }

    /// - Returns: how many rows arrived in a second, whoever carried them.
    private func bringOver(_ rows: Int, _ pace: Double?, until end: ContinuousClock.Instant) async throws -> Double {
        let began = ContinuousClock.now
        do { _ = try await nodes.carry(from: from, to: to, limit: end - began) } catch let failure as StepFailure {
            // That the time was up says less than how much was left; where that is little, something else keeps it.
            throw ContinuousClock.now >= end && time(rows, pace) > room ? tooMuch(rows, pace) : failure
        }
        return Double(rows) / max((ContinuousClock.now - began).inSeconds, 0.001)
    }

    private func isLittle(_ rows: Int, _ pace: Double?) -> Bool {
        guard pace != nil || rows < Self.rowsMeasured else { return false }
        return time(rows, pace) <= room
    }

    private func time(_ rows: Int, _ pace: Double?) -> Duration {
        .seconds(Double(rows) / (pace ?? Self.rowsPerSecond))
    }

    private func onTheirWay(_ rows: Int, _ pace: Double?) -> String {
        "\(rows) rows are on their way to \(to), which takes about \(time(rows, pace).text)"
    }

    private func result(_ rows: Int, _ pace: Double?, _ look: Int) -> StepResult {
        let numbers = ["rows_on_their_way": rows]
        guard look > 1 else { return StepResult(rows == 0 ? nil : onTheirWay(rows, pace), numbers: numbers) }
        let text = rows == 0 ? "nothing is on its way to \(to) any more" : onTheirWay(rows, pace)
        return StepResult("\(text); what was too much was brought over while people write", numbers: numbers)
    }

    private func tooMuch(_ rows: Int, _ pace: Double?) -> StepFailure {
        StepFailure(
            "\(onTheirWay(rows, pace)), and of the freeze budget of \(budget.text) there are \(room.text) for that",
            hint: "nothing was closed; try again when less is written, or raise failover.freeze_budget")
    }
}
