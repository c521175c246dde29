import Glibc

/// The server programs of one Postgres version on this machine.
public struct PostgresInstallation: Sendable, Hashable {
    /// As the server says it: "15.20".
    public let version: String
    /// The major version: 15.
    public let major: Int
    /// The folder of `postgres` and `initdb`.
    public let binDirectory: String

    /// The installations of this machine, newest first, each once: the folder in `SWITCHBACK_PG_BIN`, the folders in
    /// `SWITCHBACK_PG_INSTALLATIONS` (separated by colons), Debian's, and the one that the `pg_config` on `PATH` names.
    /// Folders without a working server are left out.
    ///
    /// - Parameter environment: The variables to go by.
    public static func find(environment: [String: String] = currentEnvironment()) -> [PostgresInstallation] {
        var folders = [environment["SWITCHBACK_PG_BIN"] ?? ""]
        folders += (environment["SWITCHBACK_PG_INSTALLATIONS"] ?? "").split(separator: ":").map(String.init)
        folders += Files.names(in: debianFolder).map { "\(debianFolder)/\($0)/bin" }
        for folder in (environment["PATH"] ?? "").split(separator: ":") where Files.isExecutable("\(folder)/pg_config")
        {
            folders.append(output(of: "\(folder)/pg_config", "--bindir"))
        }
        var seen: Set<String> = []
        return folders.compactMap { folder in
            guard !folder.isEmpty, let path = Files.resolved(folder), seen.insert(path).inserted else { return nil }
            return PostgresInstallation(binDirectory: path)
        }
        .sorted { $0.ordering.lexicographicallyPrecedes($1.ordering) == false && $0.ordering != $1.ordering }
    }

    /// The installation to use when nothing else is asked for: that of `SWITCHBACK_PG_BIN` if set, else the newest.
    ///
    /// - Parameters:
    ///   - environment: The variables to go by.
    ///   - major: Only this major version will do.
    /// - Throws: ``LocalClusterError`` when there is none.
    public static func preferred(
        environment: [String: String] = currentEnvironment(), major: Int? = nil
    ) throws -> PostgresInstallation {
        if let folder = environment["SWITCHBACK_PG_BIN"], !folder.isEmpty {
            guard let path = Files.resolved(folder), let named = PostgresInstallation(binDirectory: path) else {
                throw LocalClusterError("could not find a Postgres server in SWITCHBACK_PG_BIN: \(folder)")
            }
            if major == nil || major == named.major { return named }
        }
        return try newest(environment: environment, major: major)
    }

    /// The newest installation.
    ///
    /// - Parameters:
    ///   - environment: The variables to go by.
    ///   - major: Only this major version will do.
    /// - Throws: ``LocalClusterError`` when there is none.
    public static func newest(
        environment: [String: String] = currentEnvironment(), major: Int? = nil
    ) throws -> PostgresInstallation {
        let found = find(environment: environment).first { major == nil || $0.major == major }
        guard let found else {
            throw LocalClusterError(
                "could not find the server programs of Postgres\(major.map { " \($0)" } ?? "") on this machine",
                hint: "install them (Debian: apt-get install postgresql), or name their folder in SWITCHBACK_PG_BIN")
        }
        return found
    }

    /// Reads the version from the server program in a folder; nil when there is none that runs.
    ///
    /// - Parameter binDirectory: The folder of `postgres` and `initdb`.
    public init?(binDirectory: String) {
        let server = "\(binDirectory)/postgres"
        guard Files.isExecutable(server), Files.isExecutable("\(binDirectory)/initdb") else { return nil }
        // "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", "postgres (PostgreSQL) 19beta1"
        let words = Self.output(of: server, "--version").split(separator: " ")
        guard words.count >= 3, let major = Int(words[2].prefix { $0.isNumber }) else { return nil }
        self.version = String(words[2])
        self.major = major
        self.binDirectory = binDirectory
    }

    /// The variables of this process.
    public static func currentEnvironment() -> [String: String] {
        var all: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { all[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return all
    }

    private static let debianFolder = "/usr/lib/postgresql"

    private var ordering: [Int] { version.split { !$0.isNumber }.map { Int($0) ?? 0 } }

    /// The first line that a program prints, or "".
    private static func output(of program: String, _ argument: String) -> String {
        let quoted =
            "'" + program.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        guard let pipe = popen("\(quoted) \(argument) 2>/dev/null", "re") else { return "" }
        defer { pclose(pipe) }
        var line = [CChar](repeating: 0, count: 4096)
        guard fgets(&line, Int32(line.count), pipe) != nil else { return "" }
        let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
