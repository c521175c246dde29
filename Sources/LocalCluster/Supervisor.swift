import CSupervisor
import Glibc

/// The owner's end of a supervisor process: the one parent of a cluster's server programs.
///
/// When it is closed, by ``close()``, by `deinit` or by the end of this process however it comes, the supervisor stops
/// the server, removes the cluster's folders and exits.
struct Supervisor: ~Copyable {
    enum Event {
        /// A program runs, under this process id.
        case spawned(Int32)
        /// It could not be started, for this `errno`.
        case refused(Int32)
        /// It ended, with this wait status.
        case exited(Int32)
        /// No process is left below the supervisor.
        case empty
        /// The supervisor itself has ended.
        case gone
    }

    let processID: pid_t
    private var control: Int32

    /// Starts a supervisor.
    ///
    /// - Parameters:
    ///   - account: Whom the programs run as; nil for this process's own account.
    ///   - folder: The cluster's folder.
    ///   - socketFolder: A second folder to remove at the end.
    ///   - parent: A folder to remove at the end if it is empty.
    init(account: ServerAccount?, folder: String, socketFolder: String?, parent: String?) throws {
        var control: Int32 = -1
        let processID = Self.withOptional(folder) { folder in
            Self.withOptional(socketFolder) { socketFolder in
                Self.withOptional(parent) { parent in
                    var what = switchback_supervision(
                        uid: account.map { Int64($0.uid) } ?? -1, gid: account.map { Int64($0.gid) } ?? -1,
                        folder: folder, socket_folder: socketFolder, parent: parent)
                    return switchback_supervise(&what, &control)
                }
            }
        }
        guard processID > 0 else {
            throw LocalClusterError("could not start a supervisor process: \(String(cString: strerror(errno)))")
        }
        self.processID = processID
        self.control = control
    }

    deinit {
        if control >= 0 { Glibc.close(control) }
    }

    /// Asks for a program to be run; ``Event/spawned(_:)`` or ``Event/refused(_:)`` follows.
    func run(_ arguments: [String]) throws {
        try send([UInt8(SWITCHBACK_RUN)] + arguments.flatMap { Array($0.utf8) + [0] })
    }

    /// Sends a signal to the program that runs, if one does.
    func signal(_ number: Int32) throws {
        try send([UInt8(SWITCHBACK_SIGNAL), UInt8(number)])
    }

    /// Kills every process below the supervisor; ``Event/empty`` follows.
    func killAll() throws {
        try send([UInt8(SWITCHBACK_KILL_ALL)])
    }

    /// The next event that has come, without waiting; nil when there is none yet.
    func nextEvent() -> Event? {
        guard control >= 0 else { return .gone }
        var event = switchback_supervisor_event()
        let bytes = recv(control, &event, MemoryLayout<switchback_supervisor_event>.size, Int32(MSG_DONTWAIT))
        if bytes < 0 { return errno == EAGAIN || errno == EINTR ? nil : .gone }
        if bytes == 0 { return .gone }
        switch Int(event.kind) {
        case SWITCHBACK_SPAWNED: return event.value > 0 ? .spawned(event.value) : .refused(-event.value)
        case SWITCHBACK_EXITED: return .exited(event.value)
        default: return .empty
        }
    }

    /// Tells the supervisor to clean up and end. ``hasEnded()`` says when it has.
    mutating func close() {
        guard control >= 0 else { return }
        Glibc.close(control)
        control = -1
    }

    /// Whether the supervisor process has ended. True once only after ``close()``: it is reaped by this.
    func hasEnded() -> Bool {
        let result = waitpid(processID, nil, WNOHANG)
        return result == processID || (result < 0 && errno == ECHILD)
    }

    private func send(_ packet: [UInt8]) throws {
        let sent = packet.withUnsafeBytes { Glibc.send(control, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent == packet.count else {
            throw LocalClusterError(
                "could not reach the supervisor process \(processID): \(String(cString: strerror(errno)))")
        }
    }

    private static func withOptional<R>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }
}
