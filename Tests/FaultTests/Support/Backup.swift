import Foundation
import LocalCluster
import Programs

/// A backup of a whole server as its files, and other things that are done to servers with tools.
struct Backup: Sendable {
    private let server: LocalCluster
    private var copy: String { server.folder + "/backup" }

    /// Stops a server, copies its files and starts it again.
    static func take(_ server: LocalCluster) async throws -> Backup {
        let backup = Backup(server: server)
        try await server.stop()
        try await Tool.run("/bin/cp", ["-a", server.dataDirectory, backup.copy])
        try await server.start()
        return backup
    }

    /// Puts the files back as they were.
    func restore() async throws {
        try await server.stop()
        try FileManager.default.removeItem(atPath: server.dataDirectory)
        try await Tool.run("/bin/cp", ["-a", copy, server.dataDirectory])
        try await server.start()
    }
}

/// A program that is run to its end.
enum Tool {
    struct Failed: Error { let message: String }

    @discardableResult static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let outcome = try await ExternalProgram([program] + arguments).run(limit: .seconds(300))
        let output = outcome.output + outcome.errors
        guard outcome.ending == .exited(0) else { throw Failed(message: "\(program): \(output)") }
        return output
    }
}
