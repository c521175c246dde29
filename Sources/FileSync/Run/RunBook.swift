import Foundation
import Glibc

/// The record of a job whose trees are not Switchback's to write in: one that a program of the user's moves. It lies on the
/// machine that runs the job, and outlives the engine.
public struct RunBook: Sendable {
    /// The folder, and the name that the job's files in it begin with.
    private let folder: String
    private let name: String

    /// - Parameters:
    ///   - folder: where; ``RunBook/usual`` when nil.
    ///   - cluster: the configuration's name, which keeps jobs of one name apart.
    public init(folder: String? = nil, cluster: String, job: String) {
        self.folder = folder ?? Self.usual
        // A name is the user's, and may have a slash in it.
        let safe = [cluster, job].map { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "job" }
        name = safe.joined(separator: ".")
    }

    /// `SWITCHBACK_STATE`, else systemd's `STATE_DIRECTORY`; else `/var/lib/switchback` for root, and
    /// `~/.local/state/switchback` for others.
    public static var usual: String {
        let environment = ProcessInfo.processInfo.environment
        if let said = environment["SWITCHBACK_STATE"], !said.isEmpty { return said }
        if let first = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return String(first) }
        return geteuid() == 0 ? "/var/lib/switchback" : NSHomeDirectory() + "/.local/state/switchback"
    }

    private func path(_ kind: String) -> String { "\(folder)/\(name).\(kind)" }

    private func working<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        let folder = folder
        return try await BlockingWork.run("sb-state") {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw FileSyncError(
                    .failed, "could not make the folder \(folder): \(error.localizedDescription)",
                    hint: "say another one in SWITCHBACK_STATE")
            }
            return try body()
        }
    }

    /// What is remembered; of none when there is no record, or a torn one.
    public func read() async throws -> RunRecord {
        let (runs, skipped) = (path("runs"), path("skipped"))
        return try await BlockingWork.run("sb-state") {
            let bytes = try LocalFiles.read(runs)
            var record = bytes.flatMap { try? JSONDecoder().decode(RunRecord.self, from: Data($0)) } ?? RunRecord()
            record.skipped = try LocalFiles.read(skipped)?.count ?? 0
            return record
        }
    }

    func write(_ record: RunRecord) async throws {
        let (path, bytes) = (path("runs"), Array(try JSONEncoder().encode(record)))
        try await working { try LocalFiles.replace(path, with: bytes) }
    }

    /// Notes that a run was due while another had not finished: a byte for each, for the other one writes the record.
    func noteSkipped() async throws {
        let path = path("skipped")
        try await working { try LocalFiles.append([0x2E], to: path) }
    }

    /// - Returns: nil when another run has it.
    func lock() async throws -> JobLock? {
        let path = path("lock")
        return try await working { try JobLock.take(path) }
    }

    /// Whether a run is under way; false when nothing ever ran.
    func isBusy() async -> Bool {
        let path = path("lock")
        guard access(path, F_OK) == 0 else { return false }
        return await (try? lock()).map { lock in
            lock?.release()
            return lock == nil
        } ?? false
    }
}
