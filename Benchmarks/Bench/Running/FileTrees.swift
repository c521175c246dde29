import Foundation
import Glibc

/// Two trees of files on this machine, of which one is to follow the other.
struct FileTrees: Sendable {
    let source: String
    let target: String
    private let tools: Tools

    private static let filesInFolder = 100

    /// Makes both folders, and small files in the one.
    init(files: Int, in folder: String, tools: Tools) throws {
        source = "\(folder)/files-source"
        target = "\(folder)/files-target"
        self.tools = tools
        for tree in [source, target] {
            try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        }
        for number in 0..<files {
            if number % Self.filesInFolder == 0 {
                try FileManager.default.createDirectory(
                    atPath: "\(source)/\(number / Self.filesInFolder)", withIntermediateDirectories: true)
                try Task.checkCancellation()
            }
            try write(number, "file \(number)\n")
        }
    }

    private func path(_ number: Int) -> String { "\(number / Self.filesInFolder)/file-\(number).html" }

    /// Writes a file anew.
    func write(_ number: Int, _ text: String) throws {
        let descriptor = open("\(source)/\(path(number))", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        let bytes = Array(text.utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw ScenarioFailure("could not write \(source)/\(path(number)): \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }

    /// Waits until a file's content is at the target, and returns when that was.
    func arrival(of number: Int, _ text: String, within seconds: Int) async throws -> ContinuousClock.Instant {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if let found = try? String(contentsOfFile: "\(target)/\(path(number))", encoding: .utf8), found == text {
                return .now
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw ScenarioFailure("a changed file did not arrive in \(seconds) s")
    }

    /// What bare rsync does, with the options that a job of Switchback's has; it carries what is missing.
    func rsync() async throws -> Duration {
        let start = ContinuousClock.now
        try await ProgramRun.run(
            ["rsync", "--archive", "--delete", "--exclude=/.switchback", "\(source)/", "\(target)/"], in: tools.scratch)
        return .now - start
    }

    /// What is different, content included; nil when nothing is.
    func difference() async throws -> String? {
        let compared = try await ProgramRun.outcome(
            [
                "rsync", "--archive", "--checksum", "--delete", "--dry-run", "--itemize-changes", "--omit-dir-times",
                "--exclude=/.switchback", "\(source)/", "\(target)/",
            ], in: tools.scratch)
        // Files that came and went while it looked.
        let vanished: Int32 = 24
        guard [0, vanished].contains(compared.status) else { throw ProgramRun.Failed(description: compared.errors) }
        if let first = compared.output.split(separator: "\n").first { return "the trees differ in the end: \(first)" }
        return compared.status == vanished ? "the trees are being written: \(compared.errors)" : nil
    }
}
