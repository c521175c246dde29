import Glibc

/// Places in the engine's work where a crash would hurt most, if anything was wrong. The tests have the program die at
/// each of them: `SWITCHBACK_CRASH_AT=point` or `point:n`, for the n-th time that it comes by, ends it by SIGKILL there.
///
/// Without the variable a point costs a comparison.
public enum CrashPoint: String, CaseIterable, Sendable {
    // A batch.
    case batchRead = "batch-read"
    case batchCopying = "batch-copying"
    case batchWritten = "batch-written"
    case batchCommitted = "batch-committed"
    // Telling the source.
    case flushing = "flushing"
    case flushed = "flushed"
    case sourceTold = "source-told"
    // Trimming.
    case trimming = "trimming"
    case trimmed = "trimmed"
    // A first copy.
    case receiverReset = "receiver-reset"
    case copyBegun = "copy-begun"
    case chunkCopying = "chunk-copying"
    case chunkWritten = "chunk-written"
    case chunkCommitted = "chunk-committed"
    case tableJoining = "table-joining"
    case tableJoined = "table-joined"
    case streamStarting = "stream-starting"
    case streamStarted = "stream-started"
    // A line of the journal of a plan.
    case journalWriting = "journal-writing"
    case journalWritten = "journal-written"

    /// Ends the process, if it is to end here.
    public func reached() {
        guard let chosen = Self.chosen, chosen.point == self else { return }
        if chosen.passesLeft.countDown() { kill(getpid(), SIGKILL) }
    }

    private struct Choice: Sendable {
        let point: CrashPoint
        let passesLeft: Countdown
    }

    /// Read once.
    private static let chosen: Choice? = {
        guard let variable = getenv("SWITCHBACK_CRASH_AT") else { return nil }
        let words = String(cString: variable).split(separator: ":")
        guard let name = words.first, let point = CrashPoint(rawValue: String(name)) else { return nil }
        return Choice(point: point, passesLeft: Countdown(words.count > 1 ? Int(words[1]) ?? 1 : 1))
    }()
}
