import Foundation

/// A run's own folder, and where other things are.
struct WorkPlace: Sendable {
    let folder: String

    /// Below /tmp, where the servers' account can go whatever TMPDIR says.
    init() throws {
        folder = "/tmp/switchback-bench-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        chmod(folder, 0o711)
    }

    /// A folder for one session's files.
    func subfolder() throws -> String {
        let path = "\(folder)/\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        chmod(path, 0o711)
        return path
    }

    func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    func remove() { remove(folder) }

    /// The program under test: `SWITCHBACK_BIN`, or the one that was built beside this.
    static let switchback: String = {
        if let named = ProcessInfo.processInfo.environment["SWITCHBACK_BIN"], !named.isEmpty {
            return URL(fileURLWithPath: named).path
        }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("switchback").path
    }()
}
