import Foundation
import LocalCluster

/// A backup of a whole server as its files, and other things that are done to servers with tools.
struct Backup: Sendable {
    private let server: LocalCluster
    private var copy: String { server.folder + "/backup" }

    /// Stops a server, copies its files and starts it again.
    static func take(_ server: LocalCluster) async throws -> Backup {
        let backup = Backup(server: server)
        try await server.stop()
        try Tool.run("/bin/cp", ["-a", server.dataDirectory, backup.copy])
        try await server.start()
        return backup
    }

    /// Puts the files back as they were.
    func restore() async throws {
        try await server.stop()
        try FileManager.default.removeItem(atPath: server.dataDirectory)
        try Tool.run("/bin/cp", ["-a", copy, server.dataDirectory])
        try await server.start()
    }
}

/// A program that is run to its end.
enum Tool {
    struct Failed: Error { let message: String }

    @discardableResult static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(message: "\(program): \(output)") }
        return output
    }
}
