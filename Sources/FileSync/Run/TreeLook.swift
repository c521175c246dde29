import Programs

/// Looks at the whole tree of an end, wherever it is.
struct TreeLook: Sendable {
    let end: TreeEnd
    let filter: PathFilter
    /// Whether sums of the files' content are taken.
    let withHashes: Bool

    /// - Throws: `FileSyncError` when a part of the tree could not be looked at: nothing is then known of it, and it must
    ///   not look deleted.
    func manifest() async throws -> Manifest {
        switch end.access {
        case .local:
            let (root, filter) = (end.path, filter)
            let manifest = try await BlockingWork.run("sb-scan") { try TreeScanner.scan(root, filter: filter) }
            return withHashes ? try await hashed(manifest) : manifest
        case .shell(let command, let target):
            let manifest = try await found(command, target)
            return withHashes ? try await hashed(manifest) : manifest
        case .daemon: return try await listed()
        }
    }

    /// Whether there is nothing in the tree but what a file system has of its own.
    func isEmpty() async throws -> Bool {
        if end.isLocal {
            let root = end.path
            return try await BlockingWork.run("sb-scan") {
                LocalFiles.names(in: root).allSatisfy { $0 == StateNames.folder || $0 == StateNames.lostAndFound }
            }
        }
        let arguments = ["--dirs", "--links", "--times", "--perms", "--devices", "--specials"]
        return try await listing(arguments).isBare
    }

    // MARK: By a remote shell

    private func found(_ command: [String], _ target: String) async throws -> Manifest {
        let root = TreeEnd.quoted(end.path)
        // A missing folder must not look like an empty tree, so it has a status of its own.
        let find = "LC_ALL=C exec find . -name \(StateNames.folder) -prune -o -printf"
        let line =
            "cd \(root) || exit 90; [ \"$(id -u)\" != 0 ] || \(find) '\(FindOutput.format)'; \(find) '\(FindOutput.formatWithoutOwner)'"
        let program = ExternalProgram(command + [target, line], environment: ["LC_ALL": "C"])
        let started: StartedProgram
        do { started = try await program.start(outputBytesMax: 1 << 32) } catch let error as ExternalProgramError {
            throw FileSyncError(
                .failed, error.description, hint: "install it, or mend files.\(end.job).reach.\(end.site).shell")
        }
        let ending = await started.ending(within: .seconds(3600))
        try Task.checkCancellation()
        let errors = started.errorsSoFar.split(separator: "\n").filter { $0.hasPrefix("find:") }
        // What goes away while it is looked at makes find complain as well.
        let real = errors.filter { !$0.hasSuffix(": No such file or directory") }
        let isWhole = ending == .exited(0) || (ending == .exited(1) && !errors.isEmpty && real.isEmpty)
        guard isWhole, let manifest = FindOutput.parse(started.outputBytes(), filter: filter) else {
            let reason = (real.first ?? started.errorsSoFar.split(separator: "\n").last).map(String.init)
            throw FileSyncError(
                .failed,
                "could not look at the tree at \(end.shown): \(ending.status == 90 ? "there is no such folder" : reason ?? "status \(ending.status)")",
                hint: ending.status == 90
                    ? "mount what belongs there, or mend files.\(end.job).path"
                    : "see that the remote shell works without a question and that GNU find is at its end")
        }
        return manifest
    }

    // MARK: By rsync

    /// The tree as rsync lists it. Times have no fractions there.
    private func listed() async throws -> Manifest {
        try await listing(["--archive"] + (withHashes ? Self.hashing : []) + filter.arguments)
    }

    private static let hashing = ["--checksum", "--checksum-choice=md5"]

    private func listing(_ arguments: [String]) async throws -> Manifest {
        try await ScratchFolder.with { empty in
            let run = RsyncRun(
                arguments: ["--dry-run", "--out-format=\(RsyncOutput.listingFormat)", "--timeout=600"] + arguments
                    + (arguments.contains("--dirs") ? ["--filter=- \(StateNames.folder)/"] : []) + end.rsyncOptions
                    + [end.argument(), empty + "/"],
                environment: end.environment)
            let outcome = try await run.run()
            guard outcome.exit == .done || outcome.exit == .vanished else {
                throw StateFolder.failure(outcome, "could not look at the tree", end)
            }
            let manifest = RsyncOutput.listing(outcome.output)
            return Manifest(manifest.records.filter { !$0.path.bytes.isEmpty })
        }
    }

    /// The sums of a tree's files, put to what else is known of them. One that changed in between has none.
    private func hashed(_ manifest: Manifest) async throws -> Manifest {
        let sums = try await listed()
        return Manifest(
            manifest.records.map { record in
                guard record.entry.kind == .file, let other = sums[record.path], other.kind == .file,
                    other.size == record.entry.size, other.time.seconds == record.entry.time.seconds
                else { return record }
                var record = record
                record.entry.hash = other.hash
                return record
            })
    }
}
