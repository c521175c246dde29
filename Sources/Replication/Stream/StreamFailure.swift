import Postgres

/// Why a session of a stream ended, and what follows.
struct StreamFailure: Sendable, Equatable {
    let reason: String
    let hint: String?
    /// Try again at once: the world has moved on, nothing is wrong.
    let isQuick: Bool
    /// Whether the receiver should remember it. Not when it is the receiver that is gone, or when nothing is wrong.
    let isWorthNoting: Bool

    /// Judges an error by its type and SQLSTATE, never by its text.
    init(_ error: any Error, stream: StreamID) {
        switch error {
        case let stopped as StreamStopped:
            self.init(stopped.message, hint: stopped.hint)
        case let difference as SchemaDifference:
            self.init(difference.message, hint: difference.hint)
        case is CursorMoved:
            self.init("the cursor of \(stream) has moved", hint: nil, isQuick: true, isWorthNoting: false)
        case is ShapeChanged:
            self.init("a table has changed; looking again", hint: nil, isQuick: true, isWorthNoting: false)
        case let unreachable as NodeUnreachable:
            self.init(
                unreachable.description, hint: "it is tried again until it answers",
                isWorthNoting: unreachable.node != stream.receiver)
        case let refused as SetupRefused:
            self.init(refused.findings.first?.message ?? "\(refused)", hint: refused.findings.first?.remedy)
        case let postgres as PostgresError:
            self.init(postgres, stream: stream)
        case is CancellationError:
            self.init("ended", hint: nil, isQuick: true, isWorthNoting: false)
        default:
            self.init("\(error)", hint: nil)
        }
    }

    private init(_ error: PostgresError, stream: StreamID) {
        if error.isConnectionFailure || error.kind == .deadline || error.kind == .cancelled {
            self.init(
                "a connection of \(stream) was lost: \(error.message)", hint: "it is tried again until it works",
                isWorthNoting: false)
            return
        }
        switch error.sqlState {
        case "SB001", "SB002", "40001", "40P01":
            // Another engine, a command or a deadlock came between. The cursor tells where we are.
            self.init(error.message, hint: nil, isQuick: true, isWorthNoting: false)
        case "SB003", "0A000":
            self.init(
                "a table has changed; looking again: \(error.message)", hint: nil, isQuick: true, isWorthNoting: false)
        default:
            self.init(
                error.description,
                hint:
                    "mend what the message says at \(stream.receiver) or \(stream.source); the stream tries again by itself"
            )
        }
    }

    private init(_ reason: String, hint: String?, isQuick: Bool = false, isWorthNoting: Bool = true) {
        self.reason = reason
        self.hint = hint
        self.isQuick = isQuick
        self.isWorthNoting = isWorthNoting
    }
}
