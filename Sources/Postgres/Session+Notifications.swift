import CLibPQ
import Glibc

/// What other sessions tell with NOTIFY, after this one ran LISTEN. A notification is a hint that may be lost with the
/// connection: what it points at is to be looked at by the clock as well.
extension Session {
    /// Waits for notifications.
    /// - Parameter timeout: how long at most.
    /// - Returns: all that are there, at once when there are some; none when the time is over, or when `Connection.wake()`
    ///   was called, since the last such wait or during this one.
    public func waitForNotification(timeout: Duration) throws(PostgresError) -> [Notification] {
        try exchange { connection throws(PostgresError) in
            let end = ContinuousClock.now + timeout
            while true {
                // What came before a connection's end is still to be had; the next wait then tells of the end.
                let isReadable = PQconsumeInput(connection) == 1
                let notifications = queuedNotifications()
                if !notifications.isEmpty { return notifications }
                if !isReadable || PQstatus(connection) == CONNECTION_BAD { throw lost(nil) }
                if waker.takeWake() || .now >= end { return [] }
                try wait(for: POLLIN, until: end)
            }
        }
    }

    /// The notifications that have come with the answers to other statements, without waiting.
    public func drainNotifications() -> [Notification] { queuedNotifications() }

    private func queuedNotifications() -> [Notification] {
        var notifications: [Notification] = []
        while connection != nil, let notice = PQnotifies(connection) {
            defer { PQfreemem(notice) }
            notifications.append(
                Notification(
                    channel: String(cString: notice.pointee.relname), payload: String(cString: notice.pointee.extra),
                    pid: notice.pointee.be_pid))
        }
        return notifications
    }
}
