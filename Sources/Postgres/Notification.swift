/// What another session told with NOTIFY.
public struct Notification: Sendable, Equatable {
    public var channel: String
    public var payload: String
    /// The process of the session that told it.
    public var pid: Int32

    public init(channel: String, payload: String, pid: Int32) {
        self.channel = channel
        self.payload = payload
        self.pid = pid
    }
}
