import Foundation
import Glibc
import TestSupport
import Testing

/// A wrong configuration is refused by the program itself: status 2, nothing on standard output, nothing touched.
@Suite("The program and its configuration (P12)") struct ConfigurationTests {
    /// A folder of the test's own, gone with the test.
    private final class Folder {
        let path: String

        init(_ yaml: String? = nil) throws { path = try Program.folder(yaml) }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
        }

        /// Every file and what is in it.
        var content: [String: String] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let pairs = names.map { ($0, (try? String(contentsOfFile: path + "/" + $0, encoding: .utf8)) ?? "") }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }

    /// Stands where a server's socket would, and sees whether anybody comes.
    private final class Witness {
        private let descriptor: Int32

        init(in folder: String) throws {
            descriptor = socket(
                AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = folder + "/.s.PGSQL.5432"
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
            }
            try #require(isBound && listen(descriptor, 16) == 0)
        }

        deinit { close(descriptor) }

        /// Whether somebody has connected since it was last asked.
        var sawSomebody: Bool {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return false }
            close(connection)
            return true
        }
    }

    private func valid(_ folder: String) -> String {
        """
        cluster: c
        nodes:
          a: { dsn: "host=\(folder) port=5432 dbname=x password=geheim" }
          b: { dsn: "host=\(folder) port=5432 dbname=y" }
        syncs:
          s:
            nodes: { a: source, b: target }
            tables: ["public.*"]

        """
    }

    private static let commands: [[String]] = [
        ["check"], ["schema", "install"], ["schema", "install", "--dry-run"], ["schema", "upgrade"],
        ["schema", "uninstall"], ["schema", "status"], ["copy"], ["copy", "s", "--replace"], ["run"], ["sync"],
        ["status"], ["pause"], ["resume"], ["diff"], ["repair"], ["status", "--json"], ["check", "--json"],
    ]

    @Test(arguments: commands) func `no command touches anything under a wrong configuration`(_ command: [String])
        async throws
    {
        let folder = try Folder()
        let witness = try Witness(in: folder.path)
        try folder.write(
            "switchback.yaml", valid(folder.path) + "    exclud: [\"public.log\"]\nfailover: { mode: auto }\n")
        let before = folder.content
        let outcome = try await Program.run(command, in: folder.path)
        #expect(outcome.status == 2)
        if command.contains("--json") {
            let document = try outcome.document()
            #expect((document["error"] as? String)?.contains("unknown key \"exclud\"") == true)
            #expect((document["hint"] as? String)?.hasPrefix("did you mean exclude?") == true)
        } else {
            #expect(outcome.output == "")
        }
        #expect(
            outcome.errors == """
                switchback: the configuration has 3 errors
                switchback.yaml:9:5: unknown key "exclud" in syncs.s
                  hint: did you mean exclude? known here: nodes, tables, exclude, conflict, prefer, largest, smallest, function, overrides, lost_after, clock_skew_limit, history_keep, links
                switchback.yaml:10:1: failover needs two sites to move between
                  hint: add sites: { primary: { node: raleigh, address: 192.0.2.10 }, secondary: { node: durham, address: 198.51.100.20 } }
                switchback.yaml:10:19: failover.mode cannot be "auto"
                  hint: did you mean automatic? known here: automatic, manual

                """)
        #expect(!witness.sawSomebody)
        #expect(folder.content == before)
    }

    /// The control of the test above: under a right one, somebody comes.
    @Test func `under a right configuration the node is asked`() async throws {
        let folder = try Folder()
        let witness = try Witness(in: folder.path)
        try folder.write("switchback.yaml", valid(folder.path))
        let program = try await RunningProgram(["status"], in: folder.path)
        #expect(try await eventually { witness.sawSomebody })
        program.signal(SIGKILL)
        _ = try await program.end()
    }

    @Test func `a connection string that libpq cannot read is an error of its line, and not shown`() async throws {
        let folder = try Folder()
        try folder.write("switchback.yaml", valid(folder.path).replacing("password=geheim", with: "pasword=geheim"))
        let outcome = try await Program.run(["check"], in: folder.path)
        #expect(outcome.status == 2 && outcome.output == "")
        #expect(outcome.errors.hasPrefix("switchback: switchback.yaml:3:13: nodes.a.dsn cannot be used: "))
        #expect(outcome.errors.contains("\n  hint: "))
        #expect(!outcome.errors.contains("geheim"))
    }

    @Test func `a variable that is not set and a file that is missing are told`() async throws {
        let folder = try Folder()
        let text = valid(folder.path).replacing("host=\(folder.path) port=5432 dbname=y", with: "file:b.dsn")
            .replacing("password=geheim", with: "password=${SWITCHBACK_TEST_PASSWORD}")
        try folder.write("other.yaml", text)
        let path = folder.path + "/other.yaml"
        let neither = try await Program.run(["status", "--config", path])
        #expect(neither.status == 2)
        #expect(
            neither.errors.contains("\(path):3:13: nodes.a.dsn needs the environment variable SWITCHBACK_TEST_PASSWORD")
        )
        #expect(neither.errors.contains("\(path):4:13: nodes.b.dsn needs the file \(folder.path)/b.dsn"))
        // With both, the next error is told, and neither value.
        try folder.write("b.dsn", "host=x pasword=geheim\n")
        let both = try await Program.run(
            ["status"], environment: ["SWITCHBACK_CONFIG": path, "SWITCHBACK_TEST_PASSWORD": "geheim"])
        #expect(both.status == 2)
        #expect(both.errors.hasPrefix("switchback: \(path):4:13: nodes.b.dsn cannot be used: "))
        #expect(!both.errors.contains("geheim"))
    }

    // MARK: Finding it

    @Test(.enabled(if: access("/etc/switchback/switchback.yaml", F_OK) != 0, "this machine has a configuration"))
    func `without a configuration all four places are named`() async throws {
        let folder = try Folder()
        let outcome = try await Program.run(["status"], in: folder.path)
        #expect(outcome.status == 2 && outcome.output == "")
        #expect(
            outcome.errors == """
                switchback: there is no configuration: looked at --config, $SWITCHBACK_CONFIG, switchback.yaml, /etc/switchback/switchback.yaml
                  hint: "switchback init" writes a commented one to ./switchback.yaml

                """)
    }

    @Test func `--config comes before the environment, and that before the folder`() async throws {
        let folder = try Folder("cluster: [folder]\n")
        try folder.write("given.yaml", "cluster: [given]\n")
        try folder.write("named.yaml", "cluster: [named]\n")
        let environment = ["SWITCHBACK_CONFIG": "named.yaml"]
        func start(_ arguments: [String], _ environment: [String: String]) async throws -> Bool {
            let outcome = try await Program.run(arguments, in: folder.path, environment: environment)
            #expect(outcome.status == 2)
            let file = arguments.contains("given.yaml") ? "given" : environment.isEmpty ? "switchback" : "named"
            return outcome.errors.contains("\(file).yaml:1:1: cluster must be a name, not a list")
        }
        #expect(try await start(["--config", "given.yaml", "status"], environment))
        #expect(try await start(["status", "--config", "given.yaml"], environment))
        #expect(try await start(["status"], environment))
        #expect(try await start(["status"], [:]))
    }

    @Test func `a file that is named and missing is an error, though there is another`() async throws {
        let folder = try Folder()
        try folder.write("switchback.yaml", valid(folder.path))
        let given = try await Program.run(["status", "--config", "missing.yaml"], in: folder.path)
        #expect(given.status == 2)
        #expect(given.errors.hasPrefix("switchback: missing.yaml: there is no such file\n  hint: "))
        let named = try await Program.run(
            ["status"], in: folder.path, environment: ["SWITCHBACK_CONFIG": "missing.yaml"])
        #expect(named.status == 2)
        #expect(named.errors.hasPrefix("switchback: missing.yaml: there is no such file\n  hint: $SWITCHBACK_CONFIG"))
    }

    @Test func `an empty --config is no search`() async throws {
        let folder = try Folder(valid("/nowhere"))
        let outcome = try await Program.run(["status", "--config", ""], in: folder.path)
        #expect(outcome.status == 2 && outcome.errors.hasPrefix("switchback: --config names no file\n  hint: "))
    }

    @Test func `a configuration can come through a pipe`() async throws {
        let folder = try Folder()
        let path = folder.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        // Open at both ends, it waits for no reader; and closed once it is read, it ends for the reader.
        let pipe = open(path, O_RDWR | O_CLOEXEC)
        let text = Array("cluster: [c]\n".utf8)
        #expect(write(pipe, text, text.count) == text.count)
        let program = try await RunningProgram(["status", "--config", "pipe"], in: folder.path)
        let isRead = try await eventually {
            var left: Int32 = 0
            return ioctl(pipe, UInt(FIONREAD), &left) == 0 && left == 0
        }
        close(pipe)
        #expect(isRead)
        #expect(try await program.end().errors.contains("pipe:1:1: cluster must be a name, not a list"))
    }

    // MARK: What check says of it (P7)

    @Test func `check says which sections are not acted upon, and which overrides nothing comes of`() async throws {
        let database = try await TestDatabase.make(in: TestServers.shared.server("source"))
        try await database.run("CREATE TABLE item (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)")
        let folder = try Folder(
            """
            cluster: c
            nodes: { a: { dsn: "\(database.dsn)" }, b: { dsn: "host=/nowhere dbname=b" } }
            syncs:
              s:
                nodes: { a: source, b: target }
                tables: [public.item]
                overrides: { public.item: { where: x }, public.itme: { where: x }, public.other: { where: x } }
            sites: { p: { node: a, address: 192.0.2.1 }, q: { node: b, address: 192.0.2.2 } }
            """)
        let outcome = try await Program.run(["check"], in: folder.path)
        #expect(outcome.status == 3)
        let text = outcome.output
        #expect(text.contains("note    this version reads sites in the configuration and does not act on it"))
        #expect(text.contains("note    s: no table of it matches the override public.itme"))
        #expect(text.contains("note    s: no table of it matches the override public.other"))
        #expect(!text.contains("the override public.item\n"))
    }

    // MARK: init

    @Test func `init writes a configuration that is right, and never over another`() async throws {
        let folder = try Folder()
        let first = try await Program.run(["init"], in: folder.path)
        #expect(first.status == 0)
        #expect(first.output.hasPrefix("wrote switchback.yaml; "))
        let text = try #require(folder.content["switchback.yaml"])
        #expect(text.hasPrefix("# Switchback's configuration.\n") && text.hasSuffix("\n"))
        // It is read to its end: the one error in it is the one that is added.
        try folder.write("switchback.yaml", text + "xyz: 1\n")
        let status = try await Program.run(["status"], in: folder.path)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(
            status.status == 2 && status.errors.hasPrefix("switchback: switchback.yaml:\(lines):1: unknown key \"xyz\"")
        )
        let before = folder.content
        let second = try await Program.run(["init", "--json"], in: folder.path)
        #expect(second.status == 2)
        #expect(try second.document()["hint"] as? String == "name another file with --config, or move this one away")
        #expect(
            second.errors == """
                switchback: switchback.yaml is there already, and is left as it is
                  hint: name another file with --config, or move this one away

                """)
        #expect(folder.content == before)
    }

    @Test func `init writes where the other commands look`() async throws {
        let folder = try Folder()
        let given = try await Program.run(["init", "--config", "a.yaml", "--json"], in: folder.path)
        #expect(given.status == 0)
        #expect(given.output == "{\n  \"path\" : \"a.yaml\"\n}\n")
        #expect(given.errors.contains("switchback --config a.yaml check"))
        let named = try await Program.run(["init"], in: folder.path, environment: ["SWITCHBACK_CONFIG": "b.yaml"])
        #expect(named.status == 0)
        #expect(folder.content.keys.sorted() == ["a.yaml", "b.yaml"])
        #expect(folder.content["a.yaml"] == folder.content["b.yaml"])
    }

    @Test func `init says why it cannot write`() async throws {
        let folder = try Folder()
        let missing = try await Program.run(["init", "--config", "no/where.yaml"], in: folder.path)
        #expect(missing.status == 2)
        #expect(missing.errors == "switchback: there is no folder no\n  hint: make it first: mkdir -p no\n")
        let isFolder = try await Program.run(["init", "--config", folder.path], in: folder.path)
        #expect(isFolder.status == 2 && isFolder.errors.contains("is there already"))
        #expect(folder.content.isEmpty)
    }
}
