import Foundation
import Model
import Settings
import Testing

/// Where the configuration comes from, and what its values are taken from.
@Suite("Finding and reading the file") struct SettingsFileTests {
    /// A folder of the test's own, gone with the test.
    private final class Folder {
        let path = "/tmp/switchback-settings-\(UInt64.random(in: 0 ... .max))"

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        @discardableResult func write(_ name: String, _ text: String) throws -> String {
            try write(name, bytes: Array(text.utf8))
        }

        @discardableResult func write(_ name: String, bytes: [UInt8]) throws -> String {
            try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
            return path + "/" + name
        }
    }

    private func configuration(dsn: String = "dbname=a", cluster: String = "c") -> String {
        """
        cluster: \(cluster)
        nodes: { a: { dsn: "\(dsn)" }, b: { dsn: "dbname=b" } }
        syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
        """
    }

    private func error(_ path: String) -> String? {
        #expect(throws: SettingsError.self) { try Settings.load(path: path, environment: [:]) }?.description
    }

    // MARK: The search

    @Test func `the places are tried in the contract's order`() throws {
        let folder = try Folder()
        let usual = [try folder.write("here.yaml", "here"), try folder.write("system.yaml", "system")]
        let given = try folder.write("given.yaml", "given")
        let named = try folder.write("named.yaml", "named")
        let environment = ["SWITCHBACK_CONFIG": named]
        func found(_ path: String?, _ environment: [String: String]) throws -> String {
            let file = try SettingsFile.read(path: path, environment: environment, usual: usual)
            #expect(file.path == folder.path + "/" + file.text + ".yaml")
            return file.text
        }
        #expect(try found(given, environment) == "given")
        #expect(try found(nil, environment) == "named")
        #expect(try found(nil, [:]) == "here")
        #expect(try found(nil, ["SWITCHBACK_CONFIG": ""]) == "here")
        try FileManager.default.removeItem(atPath: usual[0])
        #expect(try found(nil, [:]) == "system")
    }

    @Test func `the usual places are those of the contract`() {
        let error = #expect(throws: SettingsError.self) {
            try SettingsFile.read(path: nil, environment: [:], usual: ["/nowhere/switchback.yaml", "/nowhere/2.yaml"])
        }
        #expect(
            error?.description == """
                there is no configuration: looked at --config, $SWITCHBACK_CONFIG, /nowhere/switchback.yaml, /nowhere/2.yaml
                  hint: "switchback init" writes a commented one to ./switchback.yaml
                """)
        #expect(SettingsFile.name == "switchback.yaml" && SettingsFile.systemPath == "/etc/switchback/switchback.yaml")
    }

    @Test func `a file that was asked for must be there`() throws {
        let folder = try Folder()
        let usual = [try folder.write("here.yaml", configuration())]
        let missing = folder.path + "/missing.yaml"
        let given = #expect(throws: SettingsError.self) {
            try SettingsFile.read(path: missing, environment: [:], usual: usual)
        }
        #expect(
            given?.description == """
                \(missing): there is no such file
                  hint: name another file with --config, or write one: switchback init --config \(missing)
                """)
        let named = #expect(throws: SettingsError.self) {
            try SettingsFile.read(path: nil, environment: ["SWITCHBACK_CONFIG": missing], usual: usual)
        }
        #expect(named?.description.contains("$SWITCHBACK_CONFIG names it") ?? false)
        #expect(named?.file == missing)
    }

    @Test func `a file that is there and cannot be read ends the search`() throws {
        let folder = try Folder()
        let system = try folder.write("system.yaml", configuration())
        let error = #expect(throws: SettingsError.self) {
            try SettingsFile.read(path: nil, environment: [:], usual: [folder.path, system])
        }
        #expect(error?.file == folder.path)
    }

    // MARK: Files that are none

    @Test func `a folder is no configuration`() throws {
        let folder = try Folder()
        #expect(
            error(folder.path) == """
                \(folder.path): it is a folder, where a file is needed
                  hint: name the file in it: \(folder.path)/switchback.yaml
                """)
    }

    @Test func `a file without end is not read for ever`() {
        #expect(error("/dev/zero")?.contains("it is larger than 4 MiB") ?? false)
    }

    @Test func `the first byte that is not UTF-8 is named by line and column`() throws {
        let folder = try Folder()
        // Latin-1, as an old editor writes it: the é in the second line.
        let bytes = Array("cluster: c\n# caf".utf8) + [0xE9, 0x0A] + Array("nodes: 5\n".utf8)
        let path = try folder.write("latin1.yaml", bytes: bytes)
        #expect(
            error(path) == """
                \(path):2:6: the file is not UTF-8: a byte here is no part of a character
                  hint: save it as UTF-8
                """)
        let cut = try folder.write("cut.yaml", bytes: Array("a: é".utf8.dropLast()))
        #expect(error(cut)?.hasPrefix("\(cut):1:4: the file is not UTF-8") ?? false)
    }

    @Test func `UTF-16 is called by its name`() throws {
        let folder = try Folder()
        let path = try folder.write("utf16.yaml", bytes: [0xFF, 0xFE, 0x63, 0x00])
        #expect(error(path) == "\(path): the file is UTF-16\n  hint: save it as UTF-8")
    }

    @Test func `an empty file is told apart from a wrong one`() throws {
        let folder = try Folder()
        let path = try folder.write("empty.yaml", "")
        #expect(
            error(path) == "\(path): the configuration is empty\n  hint: \"switchback init\" writes a commented one")
    }

    @Test func `a byte order mark and other line ends do no harm`() throws {
        let folder = try Folder()
        let text = configuration().replacing("\n", with: "\r\n")
        let path = try folder.write("windows.yaml", bytes: [0xEF, 0xBB, 0xBF] + Array(text.utf8))
        #expect(try Settings.load(path: path, environment: [:]).cluster == "c")
    }

    // MARK: Values from elsewhere

    @Test func `variables and files can be anywhere in any value`() throws {
        let folder = try Folder()
        try folder.write("a.dsn", "host=h password='p w'\n")
        let path = try folder.write(
            "switchback.yaml",
            """
            cluster: "${NAME}-${NAME}"
            nodes: { a: { dsn: "file:a.dsn" }, b: { dsn: "file:${FOLDER}/a.dsn" } }
            syncs: { s: { nodes: { a: source, b: "${ROLE}" }, tables: ["${SCHEMA}.*"] } }
            sites: { p: { node: a, address: "${IP}" }, q: { node: b, address: 192.0.2.2 } }
            failover: { freeze_budget: "${BUDGET}", mode: manual }
            """)
        let settings = try Settings.load(
            path: path,
            environment: [
                "NAME": "x", "FOLDER": folder.path, "ROLE": "target", "SCHEMA": "public", "BUDGET": "7s",
                "IP": "192.0.2.9",
            ])
        #expect(settings.cluster == "x-x")
        #expect(settings.nodes.map(\.dsn.value) == ["host=h password='p w'", "host=h password='p w'"])
        #expect(settings.syncs[0].standbys == ["b"] && settings.syncs[0].tables[0].description == "public.*")
        #expect(settings.failover?.freezeBudget == .seconds(7))
        #expect(settings.sites[0].address.description == "192.0.2.9")
    }

    @Test(arguments: [
        ("x\n", "x"), ("x\r\n", "x"), ("x", "x"), ("x\n\n", "x\n"), (" x \n", " x "), ("a\nb\n", "a\nb"),
        ("${HOME} $${\n", "${HOME} $${"), ("file:/etc/passwd\n", "file:/etc/passwd"),
    ])
    func `a file's text is taken as it is, less the newline at its end`(_ content: String, _ value: String) throws {
        let folder = try Folder()
        try folder.write("dsn", content)
        let path = try folder.write("switchback.yaml", configuration(dsn: "file:dsn"))
        #expect(try Settings.load(path: path, environment: [:]).nodes[0].dsn.value == value)
    }

    @Test(arguments: [
        ("a$b", "a$b"), ("$HOME", "$HOME"), ("$${X}", "${X}"), ("$$${X}", "$${X}"), ("${X}${X}", "xx"), ("$", "$"),
        ("${NEST}", "${X}"), ("${FILE}", "file:/etc/passwd"), ("5 $$ ${X}", "5 $$ x"), ("}${X}{", "}x{"),
    ])
    func `only variables are replaced, and once`(_ text: String, _ value: String) throws {
        let environment = ["X": "x", "NEST": "${X}", "FILE": "file:/etc/passwd"]
        let settings = try Settings.parse(configuration(dsn: text), environment: environment)
        #expect(settings.nodes[0].dsn.value == value)
    }

    @Test func `keys are taken as they stand`() {
        let text = configuration().replacing("a: {", with: "\"${X}\": {")
        let error = #expect(throws: SettingsError.self) { try Settings.parse(text, environment: ["X": "a"]) }
        #expect(error?.description.contains("nodes.${X} cannot be \"${X}\"") ?? false)
    }

    @Test func `a secret's file that is wrong is named, and nothing of it shown`() throws {
        let folder = try Folder()
        try folder.write("binary", bytes: Array("geheim".utf8) + [0xFF])
        try folder.write("nothing", "\n")
        for (name, reason) in [
            ("binary", "it is not UTF-8"), ("nothing", "holds nothing"), ("missing", "there is no such file"),
        ] {
            let path = try folder.write("switchback.yaml", configuration(dsn: "file:\(name)"))
            let text = error(path) ?? ""
            #expect(text.contains("\(path):2:20: nodes.a.dsn") && text.contains(reason), "\(text)")
            #expect(!text.contains("geheim"))
        }
    }

    @Test func `a connection string can be looked at by one who knows them`() {
        let error = #expect(throws: SettingsError.self) {
            try Settings.parse(configuration(dsn: "geheim")) { dsn in
                dsn == "geheim" ? ("it is not one", "write another") : nil
            }
        }
        #expect(
            error?.description == """
                switchback.yaml:2:20: nodes.a.dsn cannot be used: it is not one
                  hint: write another
                """)
    }
}
