import Foundation
import Glibc

/// A tree of files of a test, written and read by means of its own.
struct PlanTree: Sendable {
    let root: String

    /// Makes the folder.
    init(_ root: String) {
        self.root = root
        try? FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    /// Writes a file, with the folders above it.
    /// - Parameter at: its time, in seconds; now when nil.
    func write(_ path: String, _ text: String, at seconds: Int? = nil) {
        let full = "\(root)/\(path)"
        let above = (full as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
        try? text.write(toFile: full, atomically: false, encoding: .utf8)
        guard let seconds else { return }
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        utimensat(AT_FDCWD, full, times, 0)
    }

    func text(_ path: String) -> String? { try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }
    func remove(_ path: String) { try? FileManager.default.removeItem(atPath: "\(root)/\(path)") }

    /// Every file and what is in it, but for what is Switchback's own.
    func files() -> [String: String] { files(below: root, own: false) }

    /// What lies in the backup folders, by path.
    func setAside(_ job: String) -> [String: Set<String>] {
        let top = "\(root)/.switchback/\(job)/backup"
        var all: [String: Set<String>] = [:]
        for stamp in (try? FileManager.default.contentsOfDirectory(atPath: top)) ?? [] {
            for (path, text) in files(below: "\(top)/\(stamp)", own: true) { all[path, default: []].insert(text) }
        }
        return all
    }

    private func files(below folder: String, own: Bool) -> [String: String] {
        var all: [String: String] = [:]
        let paths = FileManager.default.enumerator(atPath: folder)
        while let path = paths?.nextObject() as? String {
            if !own, path.hasPrefix(".switchback") { continue }
            var state = stat()
            guard lstat("\(folder)/\(path)", &state) == 0, state.st_mode & S_IFMT == S_IFREG else { continue }
            all[path] = (try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)) ?? "?"
        }
        return all
    }
}

/// What must not be lost: each content that one side alone had, by job and path.
struct FileLedger {
    private var owed: [(job: String, path: String, text: String)] = []

    /// - Parameter trees: of one job.
    mutating func take(_ job: String, _ trees: [PlanTree], common: [String: String]) {
        for tree in trees {
            for (path, text) in tree.files() where common[path] != text { owed.append((job, path, text)) }
        }
        // A file that was deleted at one side and was untouched at the other is to be found again as well.
        for (path, text) in common where trees.contains(where: { $0.files()[path] == nil }) {
            owed.append((job, path, text))
        }
    }

    mutating func owe(_ job: String, _ path: String, _ text: String) { owed.append((job, path, text)) }

    /// What is neither at its place or under a second name in both trees, nor in a backup folder and in the report.
    ///
    /// - Parameter reported: the paths that the report says were set aside.
    func lost(_ job: String, _ primary: PlanTree, _ secondary: PlanTree, reported: Set<String>) -> [String] {
        let both = [primary.files(), secondary.files()]
        let aside = primary.setAside(job).merging(secondary.setAside(job)) { $0.union($1) }
        return owed.filter { $0.job == job }.filter { owed in
            let isThere = both.allSatisfy { files in
                files.contains { $0.key.hasPrefix(owed.path) && $0.value == owed.text }
            }
            return !isThere && !(aside[owed.path]?.contains(owed.text) == true && reported.contains(owed.path))
        }.map { "\($0.path): \($0.text)" }
    }
}
