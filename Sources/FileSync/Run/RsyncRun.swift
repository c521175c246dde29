import Glibc
import Programs

/// One run of rsync.
struct RsyncRun: Sendable {
    /// Without the program.
    var arguments: [String]
    var environment: [String: String?] = [:]
    /// The paths that are meant, and no others; nil for the whole tree.
    var paths: [TreePath]?
    /// A file on this machine that rsync itself holds a lock on: when whoever started it is killed, rsync goes on, and
    /// nobody else may begin before it has ended.
    var lock: String?

    /// The status with which flock(1) says that somebody else has the lock.
    static let lockedStatus: Int32 = 75

    struct Outcome: Sendable {
        let status: Int32
        let exit: RsyncExit
        let output: [UInt8]
        let events: [RsyncOutput.Event]
        let stats: RsyncOutput.Stats
        let errors: String
        let elapsed: Duration

        /// The first things that it complained about, for people.
        var complaint: String {
            let lines = errors.split(separator: "\n").filter { !$0.hasPrefix("rsync error:") && !$0.isEmpty }
            return lines.prefix(3).joined(separator: "; ")
        }
    }

    /// Variables that would make rsync print or do something else than what was asked for.
    private static let fixed: [String: String?] = [
        "LC_ALL": "C", "TZ": "UTC", "RSYNC_RSH": nil, "RSYNC_PASSWORD": nil, "RSYNC_PARTIAL_DIR": nil,
        "RSYNC_ICONV": nil, "RSYNC_OLD_ARGS": nil, "RSYNC_PROTECT_ARGS": nil, "RSYNC_CHECKSUM_LIST": nil,
        "RSYNC_COMPRESS_LIST": nil, "RSYNC_MAX_ALLOC": nil,
    ]

    /// How much output is kept: enough for the events of some million files.
    private static let outputBytesMax = 1 << 31

    /// Runs it to its end. When the waiting task is cancelled rsync is ended, at both ends, and what had come stays.
    ///
    /// - Throws: `FileSyncError` when there is no rsync; `CancellationError`.
    func run(progress: @escaping @Sendable (RsyncOutput.Progress) -> Void = { _ in }) async throws -> Outcome {
        let list = try paths.map { try PathList($0) }
        defer { list?.remove() }
        var words = ["rsync", "--no-h"]
        // The receiving half of a run that was just stopped needs a moment to end.
        if let lock {
            words =
                ["flock", "--no-fork", "--timeout", "2", "--conflict-exit-code", "\(Self.lockedStatus)", lock] + words
        }
        if let list { words += ["--from0", "--files-from=\(list.path)"] }
        let program = ExternalProgram(
            words + arguments, environment: Self.fixed.merging(environment) { $1 })
        let began = ContinuousClock.now
        let started: StartedProgram
        do { started = try await program.start(outputBytesMax: Self.outputBytesMax) } catch let error
            as ExternalProgramError
        {
            throw FileSyncError(.failed, error.description, hint: RsyncAdvice.install(words[0]))
        }
        let ending = await follow(started, progress)
        try Task.checkCancellation()
        if lock != nil, ending == .exited(Self.lockedStatus) {
            throw FileSyncError(
                .busy, "an rsync that an earlier engine started is still at work on this tree", hint: "wait for its end"
            )
        }
        let errors = started.errorsSoFar
        if lock != nil, let failure = Self.lockFailure(errors) { throw failure }
        let output = started.outputBytes()
        let parsed = RsyncOutput.parse(output)
        return Outcome(
            status: ending.status, exit: RsyncExit.judge(ending.status, errors: errors), output: output,
            events: parsed.events, stats: parsed.stats, errors: errors, elapsed: ContinuousClock.now - began)
    }

    /// What flock(1) says when it could not begin, or found no rsync; nil when it has nothing to say.
    private static func lockFailure(_ errors: String) -> FileSyncError? {
        guard let line = errors.split(separator: "\n").first(where: { $0.hasPrefix("flock: ") }) else { return nil }
        let hint = RsyncAdvice.install(line.contains("execute rsync") ? "rsync" : "flock")
        return FileSyncError(.failed, "rsync could not be run: \(line)", hint: hint)
    }

    /// Waits for its end, and tells how far it is meanwhile.
    private func follow(
        _ started: StartedProgram, _ progress: @escaping @Sendable (RsyncOutput.Progress) -> Void
    ) async -> ExternalProgram.Ending {
        let ended = Task { await started.ending() }
        return await withTaskCancellationHandler {
            await withTaskGroup(of: ExternalProgram.Ending?.self) { group in
                group.addTask { await ended.value }
                group.addTask {
                    var position = 0
                    while (try? await Task.sleep(for: .milliseconds(500))) != nil {
                        let bytes = started.outputBytes(from: position)
                        position += bytes.count
                        if let found = RsyncOutput.progress(bytes[...]) { progress(found) }
                    }
                    return nil
                }
                let first = await group.next() ?? nil
                group.cancelAll()
                if let first { return first }
                return await ended.value
            }
        } onCancel: {
            ended.cancel()
        }
    }
}

/// Paths in a file, ended by NUL, for rsync to read; the file is this run's own.
private struct PathList {
    let path: String

    init(_ paths: [TreePath]) throws {
        var bytes: [UInt8] = []
        // A name that begins with a sign of rsync's own would be taken for something else.
        for path in paths { bytes += [0x2E, TreePath.slash] + path.bytes + [0] }
        path = try ScratchFolder.file(bytes)
    }

    func remove() { unlink(path) }
}

/// Files and folders of one moment.
enum ScratchFolder {
    private static var base: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    /// A file that nobody else reads, with something in it.
    static func file(_ bytes: [UInt8]) throws -> String {
        var name = Array("\(base)/switchback-files-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0, LocalFiles.write(bytes, to: descriptor) else {
            throw FileSyncError(.failed, "could not write a file in \(base): \(systemText(errno))")
        }
        close(descriptor)
        return path
    }

    /// Runs a body with an empty folder that nobody else can enter; it is gone afterwards.
    static func with<R>(_ body: (String) async throws -> R) async throws -> R {
        var name = Array("\(base)/switchback-files-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw FileSyncError(.failed, "could not make a folder in \(base): \(systemText(errno))")
        }
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { LocalFiles.removeTree(path) }
        return try await body(path)
    }
}
