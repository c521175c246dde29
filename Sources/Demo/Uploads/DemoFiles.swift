import FileSync
import Foundation
import LocalCluster
import Programs
import Replication
import Settings
import Sites

/// The files of the repository: a folder at either site, and the job that carries them.
struct DemoFiles: Sendable {
    /// What moves them, with its version.
    let mover: String
    /// In the order of the clusters.
    let trees: [UploadTree]
    let book = Shared(UploadBook())

    static let jobName = "uploads"
    /// Changed at both sites while neither sees the other.
    static let guide = "guide.txt"
    /// Taken away at the secondary.
    static let draft = "drafts/old.csv"

    var primary: UploadTree { trees[0] }
    var secondary: UploadTree { trees[1] }

    /// Makes the folders, which are removed with the clusters.
    ///
    /// - Returns: nil where there is no rsync.
    static func prepare(beside clusters: [LocalCluster], rsync: String = "rsync") async throws -> DemoFiles? {
        guard let version = await version(of: rsync) else { return nil }
        let trees = clusters.map { UploadTree(root: $0.folder + "/uploads") }
        for tree in trees {
            do {
                try FileManager.default.createDirectory(atPath: tree.root, withIntermediateDirectories: true)
            } catch { throw DemoError("could not make \(tree.root): \(error.localizedDescription)") }
        }
        return DemoFiles(mover: version, trees: trees)
    }

    /// `rsync 3.5.0`; nil where it is not installed.
    static func version(of program: String) async -> String? {
        let outcome = try? await ExternalProgram([program, "--version"]).run(limit: .seconds(5))
        guard let outcome, outcome.ending == .exited(0) else { return nil }
        let words = outcome.output.split(whereSeparator: \.isWhitespace)
        return words.count > 2 ? "\(words[0]) \(words[2])" : program
    }

    /// The configuration's section.
    var yaml: String {
        """
        files:
          \(Self.jobName):
            from: primary
            to: secondary
            path: \(primary.root)
            reach: { primary: { local: true }, secondary: { local: true, path: \(secondary.root) } }
            watch: true
            delete: true
            exclude: ["*\(UploadTree.unfinished)"]
            referenced_by: { table: public.upload, column: path }

        """
    }

    /// The job, as a daemon has it: it asks the nodes where the site is.
    func job(_ cluster: Cluster) throws -> FileJob {
        guard let job = FileJob.all(cluster.settings, active: FencedActiveSite(cluster)).first else {
            throw DemoError("the configuration has no files")
        }
        return job
    }

    /// What lies on no other machine than the primary.
    var onlyAtPrimary: [String] {
        let there = secondary.files()
        return primary.files().keys.filter { there[$0] == nil }.sorted()
    }

    /// What a report says was set aside, as it is found where the report says that it lies.
    func aside(_ done: [PassReport.Done]) -> [UploadProof.Aside] {
        done.compactMap { item in
            guard let place = item.setAside, let colon = place.firstIndex(of: ":") else { return nil }
            let tree = place[..<colon] == "primary" ? primary : secondary
            return tree.text(String(place[place.index(after: colon)...])).map { .init(path: item.path, text: $0) }
        }
    }
}
