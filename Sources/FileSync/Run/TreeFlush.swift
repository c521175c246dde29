import Programs

/// Brings what was moved into a tree to its disk. rsync leaves that to the system, which does it when it likes: after a power failure a
/// file is missing that was told as moved, and what both trees are taken to have in common would make a deleted one of it.
struct TreeFlush: Sendable {
    let end: TreeEnd
    /// The folders of the tree where other file systems begin.
    var mounts: [TreePath] = []
    /// Variables on top of this process's own.
    var environment: [String: String?] = [:]

    /// How long a disk may take: longer than one that is well does.
    private static let limit = Duration.seconds(300)

    /// What does it; nil where nothing can: an rsync daemon runs no programs.
    var program: ExternalProgram? {
        // The file systems of these folders as a whole: whose files they are, and how many, is no matter. A name that is no text, or
        // would spoil one, cannot be said here; the root always is.
        let places = [end.path] + mounts.filter { Array("\($0)".utf8) == $0.bytes }.map { "\(end.path)\($0)" }
        return program(["-f"] + places)
    }

    private func program(_ arguments: [String]) -> ExternalProgram? {
        switch end.access {
        case .local:
            return ExternalProgram(["sync"] + arguments, environment: environment.merging(["LC_ALL": "C"]) { $1 })
        case .shell(let shell, let target):
            let words = arguments.map { $0.hasPrefix("-") ? $0 : TreeEnd.quoted($0) }
            return ExternalProgram(
                shell + [target, (["LC_ALL=C exec sync"] + words).joined(separator: " ")], environment: environment)
        case .daemon: return nil
        }
    }

    /// - Throws: `FileSyncError` when the files may not be on the disk.
    func run() async throws {
        guard let program else { return }
        var outcome = try await outcome(of: program)
        // One of before coreutils 8.24, or of BusyBox, knows of no single file systems. It brings all of them to their disks.
        if Self.knowsNoOption(outcome), let whole = self.program([]) { outcome = try await self.outcome(of: whole) }
        switch outcome.ending {
        case .exited(0): return
        case .stopped: throw failure("it took longer than \(Self.limit.components.seconds) s")
        case .exited, .killed, .unknown:
            let said = outcome.errors.split(separator: "\n").first.map(String.init)
            throw failure(said ?? "sync ended with status \(outcome.ending.status)")
        }
    }

    private func outcome(of program: ExternalProgram) async throws -> ExternalProgram.Outcome {
        do {
            let outcome = try await program.run(limit: Self.limit)
            try Task.checkCancellation()
            return outcome
        } catch let error as ExternalProgramError {
            throw failure(error.description)
        }
    }

    /// An option that is not known is named alone, and a file system that fails by its path: by coreutils and BusyBox, over glibc or musl.
    private static func knowsNoOption(_ outcome: ExternalProgram.Outcome) -> Bool {
        guard case .exited(let status) = outcome.ending, status != 0 else { return false }
        return ["-- 'f'", "-- f", "option: f"].contains { outcome.errors.contains($0) }
    }

    private func failure(_ reason: String) -> FileSyncError {
        FileSyncError(
            .failed,
            "the files of \(end.job) that came to \(end.shown) could not be brought to its disk, and a power failure may lose them: \(reason)",
            hint:
                "see that the disk is well, and that there is a sync which may be run; then try again"
        )
    }
}
