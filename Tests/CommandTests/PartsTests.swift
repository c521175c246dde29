import Foundation
import Logging
import Postgres
import Testing

@testable import Replication
@testable import switchback

/// The parts of the command line that are values.
@Suite("The command line's parts") struct PartsTests {
    private struct Thing: Encodable {
        struct Part: Encodable {
            let lagSeconds: Double?
            let isGood: Bool?
        }
        let name: String?
        let number: Int?
        let part: Part?
        let parts: [Part?]
        let texts: [String?]
        let byName: [String: Int]
    }

    @Test func `a document has every key, and null for what is not known`() throws {
        let part = Thing.Part(lagSeconds: nil, isGood: true)
        let text = try JSONText.render(
            Thing(name: nil, number: 3, part: part, parts: [part, nil], texts: ["a/b", nil], byName: ["x": 1]),
            onOneLine: true)
        #expect(
            text
                == #"{"by_name":{"x":1},"name":null,"number":3,"part":{"is_good":true,"lag_seconds":null},"parts":[{"is_good":true,"lag_seconds":null},null],"texts":["a/b",null]}"#
        )
        #expect(try JSONText.render([Int]()) == "[\n\n]")
    }

    @Test func `log lines are for a file, for the journal or for a command's user`() {
        let date = Date(timeIntervalSince1970: 1_700_000_000.25)
        let metadata = ["stream": "main: a → b", "hint": "mend it"]
        func line(_ style: LineLog.Style, _ level: Logger.Level = .warning, _ text: String = "it stands still")
            -> String
        {
            LineLog.line(style, level, text, metadata, at: date)
        }
        #expect(line(.timed) == "2023-11-14 22:13:20.250Z warning main: a → b: it stands still; hint: mend it\n")
        #expect(line(.timed, .info).contains("Z info    main:"))
        #expect(line(.journal) == "<4>main: a → b: it stands still; hint: mend it\n")
        #expect(line(.journal, .info).hasPrefix("<6>") && line(.journal, .debug).hasPrefix("<7>"))
        #expect(line(.command) == "switchback: warning: main: a → b: it stands still; hint: mend it\n")
        #expect(
            line(.command, .notice, "main: a → b is slow\nvery")
                == "switchback: main: a → b is slow very; hint: mend it\n")
    }

    @Test func `the journal is known by what systemd says of standard error`() {
        var state = stat()
        fstat(STDERR_FILENO, &state)
        #expect(LineLog.Style.daemon([:]) == .timed)
        #expect(LineLog.Style.daemon(["JOURNAL_STREAM": "1:1"]) == .timed)
        #expect(LineLog.Style.daemon(["JOURNAL_STREAM": "\(state.st_dev):\(state.st_ino)"]) == .journal)
    }

    @Test func `options before the command are those of the command`() {
        func moved(_ line: String) -> String {
            GlobalOptions.moved(line.split(separator: " ").map(String.init)).joined(separator: " ")
        }
        #expect(moved("--config x status --watch") == "status --config x --watch")
        #expect(
            moved("--config=x -v --json schema install --dry-run") == "schema install --config=x -v --json --dry-run")
        #expect(moved("--json help schema install") == "help schema install")
        for line in ["status --json", "--version", "--help", "--json --help", "--config", "--other status", ""] {
            #expect(moved(line) == line)
        }
    }

    @Test func `each kind of failure has its status`() {
        let finding = Finding(.problem, node: "a", "no", remedy: "yes")
        let connect = PostgresError(.connect, "refused")
        let cases: [(any Error, Failure.Status)] = [
            (SetupRefused([finding]), .refused), (WrongUsage("no"), .refused), (AnswerIsNo("no"), .answerIsNo),
            (StreamStopped(message: "no", hint: "yes"), .failed), (connect, .failed), (CancellationError(), .failed),
            (NodeUnreachable(node: "a", address: "x", cause: connect), .failed), (Failed("no"), .failed),
            (PostgresError(.badConnectionSettings, "no"), .refused), (PostgresError(.cancelled, "no"), .failed),
            (POSIXError(.ENOSPC), .failed),
        ]
        for (error, status) in cases {
            #expect(Failure(error).status == status, "\(error)")
            #expect(Failure(error).text.hasPrefix("switchback: ") && Failure(error).text.hasSuffix("\n"))
        }
        #expect(Failure(SetupRefused([finding, finding])).hint == "yes\nyes")
        #expect(Failure(SetupRefused([finding])).text == "switchback: node a: no\n  hint: yes\n")
    }
}
