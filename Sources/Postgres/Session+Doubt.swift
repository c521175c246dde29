import CLibPQ
import Glibc

/// What to think of a server that owes an answer and says nothing.
///
/// The kernel notices a machine that is gone. It does not notice one whose kernel answers while its server is stuck, nor
/// a box in between that has forgotten the connection and goes on acknowledging. A statement may well run for hours
/// without a byte, so that silence alone proves nothing: a second connection asks the server what the session is doing.
extension Session {
    /// What a second connection found out.
    private enum Finding {
        /// It works on the statement, or waits for a lock or a disk: so do we.
        case atWork
        /// It has nothing to do, or waits for us.
        case notAtWork
        case noAnswer
    }

    /// How long an answer that may have been on its way while we asked gets to arrive.
    private static let graceMost = Duration.seconds(5)

    /// Until when silence is taken as work; nil while silence is no wonder.
    func doubtBegins(isAnswerDue: Bool) -> ContinuousClock.Instant? {
        guard isAnswerDue, shield == nil, let doubtAfter = doubt?.settings.doubtAfter else { return nil }
        let since = quietSince ?? .now
        quietSince = since
        return since + doubtAfter
    }

    /// Asks, after a long silence, whether the answer will still come.
    /// - Throws: `.connectionLost` when it will not; the connection is closed then. `.cancelled`.
    func resolveDoubt() throws(PostgresError) {
        guard let doubt else { return }
        let finding = try ask(doubt)
        if finding == .atWork || hasSpoken(within: min(Self.graceMost, doubt.settings.doubtAfter)) {
            quietSince = nil
            return
        }
        try checkInterruption()
        let words =
            finding == .noAnswer
            ? "nor does it answer a second connection" : "and its session is not at work on the statement"
        let reason = PostgresError(
            .connectionLost, "the server said nothing for \(doubt.settings.doubtAfter), \(words)")
        close(because: reason)
        throw reason
    }

    private func ask(_ doubt: Doubt) throws(PostgresError) -> Finding {
        let other = Session(waker: waker, isAuxiliary: true)
        defer { other.close() }
        do {
            var settings = doubt.settings
            settings.applicationName += " (asking)"
            settings.connectTimeout = min(settings.connectTimeout, settings.doubtAfter)
            try other.connect(settings)
            // Its own silence is judged by its deadline alone.
            other.doubt = nil
            other.deadline = (.now + settings.connectTimeout, settings.connectTimeout)
            let answer = try other.query(Self.stateQuestion, [doubt.backend])
            return answer.rowCount == 1 && answer[0, 0] == "t" ? .atWork : .notAtWork
        } catch {
            if error.kind == .cancelled { throw error }
            // A server that refuses us, for it has no connection left, is alive; what the session does is not known then.
            return error.sqlState == nil ? .noAnswer : .atWork
        }
    }

    private static let stateQuestion =
        "SELECT coalesce(state, '') NOT LIKE 'idle%' AND wait_event_type IS DISTINCT FROM 'Client' FROM pg_catalog.pg_stat_activity WHERE pid = $1::int"

    /// Whether a byte comes within a while.
    private func hasSpoken(within limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        repeat {
            // In slices, so that a cancellation is not kept waiting.
            var socket = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            if poll(&socket, 1, 50) > 0 { return true }
        } while .now < end && !waker.isCancelled
        return false
    }
}

/// Whom to ask about a session, and about which.
struct Doubt {
    let settings: ConnectionSettings
    /// The session's process at the server, by its own account: a pooler in between has numbers of its own.
    let backend: String
}
