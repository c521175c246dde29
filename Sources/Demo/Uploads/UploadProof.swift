/// Whether no file was lost: what people remember, against both trees and what Switchback says that it set aside.
struct UploadProof: Sendable, Equatable {
    /// A version that lies in a backup folder, and is named in the report.
    struct Aside: Sendable, Equatable {
        let path: String
        let text: String
    }

    let files: Int
    /// Paths of which a version lies in a backup folder.
    let setAside: [String]
    /// Neither at both sites nor set aside.
    let missing: [String]
    /// There, though somebody took it away.
    let returned: [String]

    /// - Parameters:
    ///   - trees: each site's, by path.
    ///   - aside: what the report names, as it is found in the backup folders.
    init(_ book: UploadBook, trees: [[String: String]], aside: [Aside]) {
        var (kept, lost): (Set<String>, [String]) = ([], [])
        for (path, texts) in book.versions {
            for text in texts where !trees.allSatisfy({ $0[path] == text }) {
                if aside.contains(Aside(path: path, text: text)) { kept.insert(path) } else { lost.append(path) }
            }
        }
        files = book.versions.count
        setAside = kept.sorted()
        missing = lost.sorted()
        returned = book.withdrawn.filter { path in trees.contains { $0[path] != nil } }.sorted()
    }

    /// Something was handed in, and all of it can be had.
    var holds: Bool { files > 0 && missing.isEmpty && returned.isEmpty }
}
