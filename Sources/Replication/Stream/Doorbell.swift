import Assets
import Postgres

/// How a stream sleeps until something changes at its source: behind an armed doorbell, and by the clock where there is
/// none. A poll stands behind the doorbell too, so that a lost notification costs a second and never a stall.
///
/// Several streams sleep at one source, and one of them holds the lock that arms the doorbell for all. When that one is
/// busy it lets go, wakes the others, and one of those takes it.
struct Doorbell {
    private enum State {
        case off
        case ours
        case others
    }

    /// A transaction that has notified cannot be prepared: where that is allowed nobody rings.
    private let isSilent: Bool
    /// Other streams may sleep at the source.
    private let hasCompany: Bool
    private var state = State.off
    private var pause = Doorbell.pauseLeast

    /// Between looks while the doorbell cannot be armed: short at first, for most transactions are.
    private static let pauseLeast = Duration.milliseconds(10)
    private static let pauseMost = Duration.milliseconds(50)
    static let slowPoll = Duration.seconds(1)

    init(isSilent: Bool, hasCompany: Bool) {
        self.isSilent = isSilent
        self.hasCompany = hasCompany
    }

    /// Waits until something may have changed. Only waits for long once the doorbell is armed and one more look, after
    /// arming it, has found nothing.
    mutating func sleep(at source: Connection) async throws {
        guard !isSilent else { return try await doze() }
        if state != .ours {
            let before = state
            state = try await arm(at: source)
            // A change that rang nobody is not committed yet.
            if state == .off { return try await doze() }
            if state == .ours || before == .off { return }
        }
        _ = try await source.run { try $0.waitForNotification(timeout: Self.slowPoll) }
    }

    /// While the stream is busy nobody needs to ring, and a commit that does not ring costs less.
    mutating func silence(at source: Connection) async throws {
        pause = Self.pauseLeast
        let wasOurs = state == .ours
        state = .off
        guard wasOurs else { return }
        let wake = hasCompany ? "; NOTIFY switchback" : ""
        try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.execute("SELECT pg_advisory_unlock_all()" + wake)
        }
    }

    private mutating func doze() async throws {
        try await Task.sleep(for: pause)
        pause = min(pause * 1.2, Self.pauseMost)
    }

    private func arm(at source: Connection) async throws -> State {
        try await source.run(deadline: StreamRunner.stepDeadline) { session in
            let answer = try session.query(Assets.sql("stream/arm"))
            return answer.bool(0, 0) ? .ours : answer.bool(0, 1) ? .others : .off
        }
    }
}
