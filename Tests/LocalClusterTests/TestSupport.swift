import Foundation
import Glibc
import LocalCluster
import Programs

/// A folder below /tmp, where the server's account can go whatever TMPDIR says.
func temporaryFolder() -> String {
    "/tmp/switchback-test-\(UInt64.random(in: 0 ... .max))"
}

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether a process runs. One that has ended and waits to be collected does not.
func isAlive(_ processID: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8) else { return false }
    guard let nameEnd = stat.lastIndex(of: ")") else { return false }
    return !stat[nameEnd...].hasPrefix(") Z")
}

/// Waits until something holds; false when it has not come to hold within a minute.
func eventually(_ holds: () async -> Bool) async -> Bool {
    for _ in 0..<3000 {
        if await holds() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return await holds()
}

/// What psql prints for a statement, or what it says is wrong.
func psql(_ cluster: LocalCluster, _ statement: String, dsn: String? = nil) async -> String {
    await run("\(cluster.installation.binDirectory)/psql", ["-XAtqc", statement, dsn ?? cluster.dsn()])
}

func run(_ program: String, _ arguments: [String]) async -> String {
    do {
        let outcome = try await ExternalProgram([program] + arguments).run(limit: .seconds(120))
        return (outcome.output + outcome.errors).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch { return "\(error)" }
}

/// A cluster for the length of the body, in a folder of its own.
func withCluster(
    settings: [String: String] = [:], password: String? = nil, _ body: (LocalCluster) async throws -> Void
) async throws {
    let cluster = try await LocalCluster.start(
        installation: .preferred(), name: "one", folder: temporaryFolder(), settings: settings, password: password)
    do { try await body(cluster) } catch {
        await cluster.destroy()
        throw error
    }
    await cluster.destroy()
}
