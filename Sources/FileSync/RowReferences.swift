import Assets
public import Postgres
import Settings

/// Rows that name files, beside the files that are there.
public struct ReferenceReport: Sendable, Hashable, Encodable {
    public let job: String
    public let site: String
    public let table: String
    public let column: String
    /// Different files that the rows name.
    public let named: Int
    /// Files in the tree.
    public let files: Int
    /// Named by a row, and not there: the row came before its file, or the file is lost.
    public let missing: [String]
    /// There, and named by no row: an upload that was given up, or one whose row is still on its way.
    public let unknown: [String]
    /// Whether a failback is to wait while files are missing.
    public let holds: Bool
}

extension RsyncMover {
    /// Compares the rows of a site's database with the files of its tree.
    ///
    /// - Parameters:
    ///   - site: the job's `from` or `to`.
    ///   - connection: to that site's node.
    /// - Returns: nil when the job's files are named by no table.
    public func references(at site: String, over connection: Connection) async throws -> ReferenceReport? {
        guard let references = settings.referencedBy else { return nil }
        let end = site == from.site ? from : to
        let names = try await connection.run(deadline: .seconds(600)) { session in
            let answer = try session.query(Self.query(references))
            return (0..<answer.rowCount).compactMap { answer[$0, 0] }
        }
        let roots = [settings.reach[site]?.path, settings.path].compactMap { $0 }
        let wanted = Set(names.map { Self.path($0, below: roots) })
        let manifest = try await TreeLook(end: end, filter: filter, withHashes: false).manifest()
        let there = Set(manifest.records.filter { $0.entry.kind != .folder }.map(\.path))
        return ReferenceReport(
            job: job, site: site, table: references.table, column: references.column, named: wanted.count,
            files: there.count,
            missing: wanted.filter { !there.contains($0) && !filter.excludesDeeply($0, isFolder: false) }.sorted()
                .map { "\($0)" },
            unknown: there.subtracting(wanted).sorted().map { "\($0)" }, holds: references.hold)
    }

    private static func query(_ references: FileReferences) -> String {
        let table = references.table.split(separator: ".", maxSplits: 1).map { SQLText.identifier(String($0)) }
        return Assets.sql("files/referenced").split(separator: "\n").filter { !$0.hasPrefix("--") }
            .joined(separator: "\n").replacing("{table}", with: table.joined(separator: "."))
            .replacing("{column}", with: SQLText.identifier(references.column))
    }

    /// A path as a row has it: from the tree's root on, or from the top.
    static func path(_ text: String, below roots: [String]) -> TreePath {
        var rest = text[...]
        let folders = roots.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
        if let folder = folders.first(where: { rest.hasPrefix($0) }) { rest = rest.dropFirst(folder.count) }
        while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
        rest = rest.drop { $0 == "/" }
        return TreePath(Array(rest.utf8))
    }
}
