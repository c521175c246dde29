/// What an exit status of rsync means for a job. The meanings are those of rsync's manual, section "EXIT VALUES".
public enum RsyncExit: Sendable, Hashable {
    case done
    /// Files went away while they were read: done, but not the state of one moment.
    case vanished
    /// Some of it could not be moved. Never a success.
    case partial
    /// The limit of deletions was reached.
    case deletionLimit
    /// Worth another try by itself: the network or the other end.
    case unreachable
    /// The other end lacks the folder for what is not whole yet: the site has moved on.
    case fenced
    /// Nothing that another try would mend.
    case failed

    /// - Parameters:
    ///   - status: the exit status; 128 and the number where a signal ended it.
    ///   - errors: what it said on standard error, in the C locale.
    public static func judge(_ status: Int32, errors: String = "") -> RsyncExit {
        if status != 0, errors.contains("The temp-dir does not exist") { return .fenced }
        switch status {
        case 0: return .done
        case 24: return .vanished
        case 23: return .partial
        case 25: return .deletionLimit
        case 5, 10, 12, 30, 35, 255: return .unreachable
        default: return .failed
        }
    }

    /// The status in words.
    public static func meaning(_ status: Int32) -> String {
        switch status {
        case 0: "success"
        case 1: "a usage that this rsync does not know, or a module that cannot be written to"
        case 2: "the two rsyncs do not understand each other"
        case 3: "files or folders could not be selected"
        case 4: "the other rsync cannot do what was asked"
        case 5: "the start of the transfer was refused: password, module, or too many connections"
        case 10: "the network connection failed"
        case 11: "a file could not be read or written: is the disk full?"
        case 12: "the stream between the two rsyncs broke off"
        case 13: "rsync could not tell its messages"
        case 14: "the rsync processes lost each other"
        case 15, 16: "a part of rsync crashed or was killed"
        case 19, 20: "it was ended by a signal"
        case 21: "a part of rsync was lost"
        case 22: "there was not enough memory"
        case 23: "some files could not be transferred"
        case 24: "some files went away while they were read"
        case 25: "the limit of deletions was reached"
        case 30: "nothing moved for the time that the job's timeout allows"
        case 35: "the rsync daemon did not answer in time"
        case 124: "it was stopped"
        case 127: "the remote shell found no rsync"
        case 255: "the remote shell could not connect"
        default: status > 128 ? "it was ended by signal \(status - 128)" : "an unknown status"
        }
    }
}
