import Foundation
import Programs

/// What Switchback keeps beside the files at one end: the marker, the manifest, what was overwritten.
///
/// It lies in the tree's own root, so that it is there when the tree is and not when the tree is not mounted; so that what
/// is set aside is moved and not copied; and so that every way to the tree leads to it as well. Elsewhere than here it is
/// reached by rsync, as the files are.
struct StateFolder: Sendable {
    let end: TreeEnd

    private var home: String { StateNames.home(end.job) }

    /// What is in a file of it; nil when there is none.
    func read(_ name: String) async throws -> [UInt8]? {
        let place = "\(home)/\(name)"
        if end.isLocal {
            let path = end.path + place
            return try await BlockingWork.run("sb-state") { try LocalFiles.read(path) }
        }
        return try await ScratchFolder.with { folder in
            let run = RsyncRun(
                arguments: ["--times", "--timeout=60"] + end.rsyncOptions + [end.argument(place), folder + "/"],
                environment: end.environment)
            let outcome = try await run.run()
            if outcome.exit == .partial, outcome.errors.contains("failed: No such file or directory") { return nil }
            guard outcome.exit == .done else { throw StateFolder.failure(outcome, "could not read \(place)", end) }
            return try LocalFiles.read(folder + "/" + name)
        }
    }

    /// Writes files, each whole or not at all, and makes folders.
    func write(_ files: [String: [UInt8]], folders: [String] = []) async throws {
        if end.isLocal {
            let (root, home) = (end.path, home)
            return try await BlockingWork.run("sb-state") {
                try LocalFiles.makeFolders(home, in: root)
                for folder in folders { try LocalFiles.makeFolders("\(home)/\(folder)", in: root) }
                for (name, bytes) in files { try LocalFiles.replace("\(root)\(home)/\(name)", with: bytes) }
            }
        }
        try await ScratchFolder.with { stage in
            try LocalFiles.makeFolders(home, in: stage, durably: false)
            for folder in folders { try LocalFiles.makeFolders("\(home)/\(folder)", in: stage, durably: false) }
            for (name, bytes) in files {
                try LocalFiles.replace("\(stage)/\(home)/\(name)", with: bytes, durably: false)
            }
            // From the root on, which must be there; nothing but the state folder is touched, and nothing is deleted.
            let run = RsyncRun(
                arguments: ["--recursive", "--relative", "--no-implied-dirs", "--ignore-times", "--timeout=60"]
                    + end.rsyncOptions + ["\(stage)/./\(StateNames.folder)", end.argument()],
                environment: end.environment)
            let outcome = try await run.run()
            guard outcome.exit == .done else { throw StateFolder.failure(outcome, "could not write \(home)", end) }
        }
        await flush(files.keys.sorted())
    }

    /// Brings files that were written by a remote shell to the disk there, with their names. Where it cannot be (no `sync` that takes
    /// names, an account that may only run rsync) they are as safe as rsync leaves them.
    private func flush(_ names: [String]) async {
        guard case .shell(let command, let target) = end.access else { return }
        let places = (names.map { "\(home)/\($0)" } + [home, StateNames.folder, "."]).map(TreeEnd.quoted)
        let line = "cd \(TreeEnd.quoted(end.path)) && exec sync \(places.joined(separator: " "))"
        _ = try? await ExternalProgram(command + [target, line]).run(limit: Self.flushMost)
    }

    /// How long a disk elsewhere may take: people may be waiting.
    private static let flushMost = Duration.seconds(10)

    /// The names of the folders in a folder of it.
    func folders(in name: String = "") async throws -> [String] {
        let place = name.isEmpty ? home : "\(home)/\(name)"
        let run = RsyncRun(
            arguments: [
                "--dirs", "--times", "--perms", "--links", "--dry-run", "--timeout=60",
                "--out-format=\(RsyncOutput.listingFormat)",
            ]
                + end.rsyncOptions + [end.argument(place) + "/"],
            environment: end.environment)
        return try await ScratchFolder.with { empty in
            var run = run
            run.arguments.append(empty + "/")
            let outcome = try await run.run()
            if outcome.exit == .partial, outcome.errors.contains("failed: No such file or directory") { return [] }
            guard outcome.exit == .done else { throw StateFolder.failure(outcome, "could not look into \(place)", end) }
            return RsyncOutput.listing(outcome.output).records.filter { $0.entry.kind == .folder }.map { "\($0.path)" }
        }
    }

    /// Removes folders of it with all that is in them: what nobody needs any more. What of it cannot be removed stays.
    func removeFolders(_ names: [String], in folder: String = "") async throws {
        guard !names.isEmpty else { return }
        let place = folder.isEmpty ? home : "\(home)/\(folder)"
        if end.isLocal {
            let path = end.path + place
            try await BlockingWork.run("sb-state") { for name in names { LocalFiles.removeTree("\(path)/\(name)") } }
            return
        }
        let outcome = try await removal(names, place)
        guard outcome.exit == .done else { throw StateFolder.failure(outcome, "could not clean \(place)", end) }
    }

    private func removal(_ names: [String], _ place: String) async throws -> RsyncRun.Outcome {
        try await ScratchFolder.with { empty in
            let filters = names.flatMap { ["--filter=+ /\($0)", "--filter=+ /\($0)/**"] }
            let run = RsyncRun(
                arguments: ["--recursive", "--delete", "--force", "--timeout=60"] + filters + ["--filter=- *"]
                    + end.rsyncOptions + [empty + "/", end.argument(place) + "/"],
                environment: end.environment)
            return try await run.run()
        }
    }

    /// How often it is looked whether a folder elsewhere is gone.
    private static let looksMost = 5

    /// Takes folders away from whoever works in them: nothing can come in by way of them afterwards.
    ///
    /// - Throws: `FileSyncError` when one of them is still there.
    func takeAway(_ names: [String]) async throws {
        guard !names.isEmpty else { return }
        if end.isLocal {
            let path = end.path + home
            return try await BlockingWork.run("sb-state") {
                for name in names { try LocalFiles.takeAway(name, in: path) }
            }
        }
        // rsync cannot give a folder another name. Where somebody goes on writing in it, it is not empty when it is to go, and
        // rsync lets it be: only another look tells.
        var left = names
        for look in 0..<Self.looksMost {
            let pause = look == 0 ? 0 : 100 << look
            try await Task.sleep(for: .milliseconds(pause))
            let outcome = try await removal(left, home)
            guard outcome.exit == .done || outcome.exit == .vanished || outcome.exit == .partial else {
                throw StateFolder.failure(outcome, "could not clean \(home)", end)
            }
            let there = Set(try await folders())
            left = left.filter { there.contains($0) }
            if left.isEmpty { return }
        }
        throw FileSyncError(
            .failed,
            "\(left.joined(separator: ", ")) in \(home) at \(end.shown) cannot be removed: what is under way there could still put files in place",
            hint: "end the rsync that writes there, see that the account may remove the folder, and try again")
    }

    static func failure(_ outcome: RsyncRun.Outcome, _ what: String, _ end: TreeEnd) -> FileSyncError {
        let reason = outcome.complaint.isEmpty ? "" : ": \(outcome.complaint)"
        return FileSyncError(
            .failed,
            "\(what) at \(end.shown): \(RsyncExit.meaning(outcome.status)) (rsync status \(outcome.status))\(reason)",
            hint: RsyncAdvice.hint(outcome.status))
    }

    // MARK: Marker

    func marker() async throws -> TreeMarker? {
        guard let bytes = try await read("marker") else { return nil }
        guard let marker = try? JSONDecoder().decode(TreeMarker.self, from: Data(bytes)) else {
            throw FileSyncError(
                .refused, "the marker \(home)/marker at \(end.shown) cannot be read",
                hint:
                    "if the tree is the right one, remove the marker and run \"switchback files sync \(end.job) --adopt\""
            )
        }
        return marker
    }

    /// Writes the marker, and makes the folder for what is not whole yet under its epoch.
    func write(_ marker: TreeMarker) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = Array(try encoder.encode(marker)) + [0x0A]
        try await write(["marker": bytes], folders: ["\(StateNames.incoming)\(marker.epoch)"])
    }

    // MARK: Manifest

    func manifest() async throws -> StoredManifest? {
        guard let bytes = try await read("manifest") else { return nil }
        // A torn one counts as none: then nothing is taken for deleted.
        return ManifestCodec.decode(bytes)
    }

    func write(_ manifest: [UInt8]) async throws { try await write(["manifest": manifest]) }
}

/// What to do about an exit status of rsync.
enum RsyncAdvice {
    static func hint(_ status: Int32) -> String? {
        switch status {
        case 1: "look at the module's \"read only\", and at the versions of rsync at both ends"
        case 2: "let the remote shell print nothing of its own, and install rsync 3.1.3 or later at both ends"
        case 3: "see that the folder of files.NAME.path is there at both ends, and that the account may go into it"
        case 4: "install an rsync at the other end that knows acls and xattrs, or leave them out of files.NAME"
        case 5: "look at the module's name, user and password, and at \"max connections\" of the daemon"
        case 10, 35: "start the rsync daemon, or mend the address or the network between"
        case 11: "make room on the disk, or give the account the right to write there"
        case 12, 127: "see whether rsync is installed at the other end"
        case 13, 14, 21: "try again; if it stays so, look at the limits of processes and memory at both ends"
        case 15, 16: "look into the system's log at both ends: it tells of crashes, and of memory that ran out"
        case 19, 20: "somebody ended it; the next run makes up for it"
        case 22: "give the machines more memory, or make several jobs of this one"
        case 23: "let the account that rsync runs under read and write these files, or exclude them"
        case 24: nil
        case 30: "raise files.NAME.timeout, or mend the network between"
        case 255: "see that the remote shell works without a question: \"ssh -o BatchMode=yes HOST true\""
        default: nil
        }
    }

    /// How to come by a program that a run needs on the engine's machine.
    static func install(_ program: String) -> String {
        program == "flock"
            ? "install the flock of util-linux: \"apt-get install util-linux\""
            : "install rsync: \"apt-get install rsync\""
    }
}
