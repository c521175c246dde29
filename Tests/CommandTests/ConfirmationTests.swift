import Foundation
import TestSupport
import Testing

@testable import switchback

/// A person is asked before records are changed.
@Suite("Questions to a person") struct ConfirmationTests {
    /// A program that shows one record and notes that it was told to change it.
    private func folder() throws -> String {
        let folder = try Program.folder()
        try """
        cluster: library
        nodes: { here: { dsn: "host=127.0.0.1 port=1" }, there: { dsn: "host=127.0.0.1 port=1" } }
        syncs: { main: { nodes: { here: source, there: target }, tables: ["public.*"] } }
        sites: { primary: { node: here, address: 192.0.2.10 }, secondary: { node: there, address: 198.51.100.20 } }
        dns:
          provider: { exec: { command: [\(folder)/dns], zone: example.org } }
          records: [ { name: www.example.org, type: A } ]
          servers: ["127.0.0.1:\(try closedPort())"]
          timeout: 5s
        """.write(toFile: folder + "/switchback.yaml", atomically: false, encoding: .utf8)
        try """
        #!/bin/sh
        case $(cat) in
        *'"action":"apply"'*) touch \(folder)/changed; echo '{"done": true}' ;;
        *) [ -e \(folder)/changed ] && address=198.51.100.20 || address=192.0.2.10
           echo '{"records": [{"name": "www.example.org", "type": "A", "ttl": 60, "values": ["'$address'"]}]}' ;;
        esac
        """.write(toFile: folder + "/dns", atomically: false, encoding: .utf8)
        chmod(folder + "/dns", 0o755)
        return folder
    }

    @Test(arguments: [("y", true), ("yes", true), ("n", false), ("", false), ("what?", false)])
    func `what a person answers is done`(_ answer: String, _ isDone: Bool) async throws {
        let folder = try folder()
        let terminal = try await PseudoTerminal(
            ["dns", "apply", "--site", "secondary", "--timeout", "0"], in: folder,
            environment: ["SWITCHBACK_CONFIG": folder + "/switchback.yaml"])
        #expect(try await eventually { terminal.seenSoFar.contains("carry it out? [y/N]") })
        terminal.type(answer + "\n")
        let end = try await terminal.end()
        #expect(FileManager.default.fileExists(atPath: folder + "/changed") == isDone, "\(end.text)")
        // Done, and no name server is there to prove it; or not confirmed.
        #expect(end.status == (isDone ? 3 : 1), "\(end.text)")
        #expect(isDone || end.text.contains("not confirmed; nothing was changed"))
    }

    @Test func `an interruption is heard while the question stands`() async throws {
        let folder = try folder()
        let terminal = try await PseudoTerminal(
            ["dns", "apply", "--site", "secondary"], in: folder,
            environment: ["SWITCHBACK_CONFIG": folder + "/switchback.yaml"])
        #expect(try await eventually { terminal.seenSoFar.contains("carry it out? [y/N]") })
        terminal.signal(SIGINT)
        #expect(try await terminal.end(within: .seconds(20)).status == 1)
        #expect(!FileManager.default.fileExists(atPath: folder + "/changed"))
    }
}
