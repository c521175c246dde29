import Foundation
import Programs
import TestSupport
import Testing

@testable import switchback

/// What the command line itself says: usage, help, versions, completions.
@Suite("The command line") struct UsageTests {
    /// Wrong usage of each kind, with what is said of it.
    private static let wrong: [(String, says: String, hint: String)] = [
        ("statsu", "there is no command \"switchback statsu\"", "did you mean \"switchback status\"?"),
        (
            "schema instal", "there is no command \"switchback schema instal\"",
            "did you mean \"switchback schema install\"?"
        ),
        ("zzz", "there is no command \"switchback zzz\"", "the commands are demo, init, check,"),
        ("help zzz", "there is no command \"switchback zzz\"", "the commands are demo"),
        ("", "\"switchback\" needs a command", "the commands are demo"),
        ("schema", "\"switchback schema\" needs a command", "the commands are install, upgrade, uninstall, status"),
        ("status --wach", "unknown option '--wach'. Did you mean '--watch'?", "usage: switchback status"),
        ("status extra", "unexpected argument 'extra'", "usage: switchback status"),
        ("sync main more", "unexpected argument 'more'", "usage: switchback sync"),
        ("sync --timeout", "missing value for '--timeout <seconds>'", "usage: switchback sync"),
        ("sync --timeout soon", "the value 'soon' is invalid for '--timeout <seconds>'", "usage: switchback sync"),
        ("copy --jobs many", "the value 'many' is invalid for '--jobs <number>'", "usage: switchback copy"),
        ("check --config", "missing value for '--config <file>'", "usage: switchback "),
        ("run --dry-run", "unknown option '--dry-run'", "usage: switchback run"),
    ]

    @Test(arguments: wrong.indices) func `wrong usage is told with the remedy, and ends with 2`(_ index: Int)
        async throws
    {
        let (line, says, hint) = Self.wrong[index]
        let words = line.split(separator: " ").map(String.init)
        let outcome = try await Program.run(words)
        #expect(outcome.status == 2 && outcome.output == "")
        #expect(outcome.errors.hasPrefix("switchback: \(says)"), "\(outcome.errors)")
        let document = try await Program.run(["--json"] + words).document()
        #expect((document["error"] as? String)?.hasPrefix(says) == true, "\(document)")
        #expect((document["hint"] as? String)?.hasPrefix(hint) == true, "\(document)")
    }

    /// Values that the parser takes and that make no sense; with a configuration, for they are looked at with it.
    private static let senseless: [(String, says: String)] = [
        ("sync --timeout 0", "--timeout takes a number of seconds greater than zero"),
        ("copy --jobs 0", "--jobs takes a number from 1 to 64"),
        ("copy --repair --replace", "--repair and --replace exclude each other"),
        ("copy --from there", "there is not a source of that sync"),
        ("repair --from there", "there is not a source of that sync"),
        ("status --watch --interval 0", "--interval takes a number of seconds from 0.1 to 86400"),
        ("demo --seconds 0", "--seconds takes a number from 1 to 3600"),
        ("copy nosuch", "there is no sync named nosuch"), ("sync nosuch", "there is no sync named nosuch"),
        ("pause nosuch", "there is no sync named nosuch"), ("resume nosuch", "there is no sync named nosuch"),
        ("diff nosuch", "there is no sync named nosuch"), ("repair nosuch", "there is no sync named nosuch"),
    ]

    @Test(arguments: senseless.indices) func `values that make no sense end with 2`(_ index: Int) async throws {
        let (line, says) = Self.senseless[index]
        let folder = try Program.folder(CommandSite.yaml("host=127.0.0.1 port=1", "host=127.0.0.1 port=1"))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try await Program.run(line.split(separator: " ").map(String.init), in: folder)
        #expect(outcome.status == 2 && outcome.output == "", "\(outcome)")
        #expect(outcome.errors.hasPrefix("switchback: \(says)"), "\(outcome.errors)")
    }

    @Test func `options of the program stand before the command or behind it`() async throws {
        let site = try await CommandSite()
        let file = site.folder + "/switchback.yaml"
        let lines = [
            ["--config", file, "--json", "schema", "status"], ["--json", "schema", "status", "--config", file],
            ["schema", "status", "--json", "--config=\(file)"],
            ["-v", "--config=\(file)", "schema", "status", "--json"],
        ]
        for line in lines {
            let outcome = try await Program.run(line)
            #expect(outcome.status == 3, "\(line): \(outcome.errors)")
            #expect(try outcome.list().count == 2, "\(line)")
        }
        let named = try await Program.run(["schema", "status"], environment: ["SWITCHBACK_CONFIG": file])
        #expect(named.status == 3 && named.output.contains("here: the next install will"))
    }

    @Test func `the version has one place`() async throws {
        for words in [["--version"], ["status", "--version"], ["--json", "--version"]] {
            let outcome = try await Program.run(words)
            #expect(outcome.status == 0 && outcome.output == Version.text + "\n")
        }
    }

    // MARK: Help

    /// Every command's words, the program's own first.
    private static let paths: [[String]] = {
        let own = CommandNames.all.map { [$0] }
        return [[]] + own
            + CommandNames.verbs.sorted { $0.key < $1.key }.flatMap { key, verbs in verbs.map { [key, $0] } }
    }()

    private static let snapshots = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Snapshots")

    private static func file(_ path: [String]) -> String { (["switchback"] + path).joined(separator: "-") + ".txt" }

    /// The text of help is part of the contract: it changes when somebody means it to. `SWITCHBACK_SNAPSHOTS=write` writes
    /// the files anew.
    @Test(arguments: paths) func `help is as it was agreed upon`(_ path: [String]) async throws {
        let outcome = try await Program.run(["help"] + path, environment: ["COLUMNS": "80"])
        #expect(outcome.status == 0 && outcome.errors == "")
        let url = Self.snapshots.appendingPathComponent(Self.file(path))
        if ProcessInfo.processInfo.environment["SWITCHBACK_SNAPSHOTS"] == "write" {
            try FileManager.default.createDirectory(at: Self.snapshots, withIntermediateDirectories: true)
            try outcome.output.write(to: url, atomically: false, encoding: .utf8)
        }
        #expect(outcome.output == (try? String(contentsOf: url, encoding: .utf8)))
        if !path.isEmpty {
            let other = try await Program.run(path + ["--help"], environment: ["COLUMNS": "80"])
            #expect(other.status == 0 && other.output == outcome.output)
        }
    }

    @Test func `every command has its help, and no other`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.snapshots.path)
        #expect(Set(files) == Set(Self.paths.map(Self.file)))
    }

    // MARK: Completions

    @Test(arguments: ["bash", "zsh", "fish"]) func `there are completions`(_ shell: String) async throws {
        let outcome = try await Program.run(["--generate-completion-script", shell])
        #expect(outcome.status == 0 && outcome.errors == "")
        for command in CommandNames.all { #expect(outcome.output.contains(command)) }
    }

    @Test func `bash completes commands and options`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = try await Program.run(["--generate-completion-script", "bash"]).output
        let ask = """

            ask() {
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
                _switchback switchback "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                echo "${COMPREPLY[*]}"
            }
            ask switchback sta; ask switchback schema uni; ask switchback status --w

            """
        try (script + ask).write(toFile: folder + "/script", atomically: false, encoding: .utf8)
        let program = ExternalProgram(["/bin/bash", "--norc", folder + "/script"])
        let said = try await program.run(limit: .seconds(120)).output
        #expect(said == "status\nuninstall\n--watch\n")
    }
}
