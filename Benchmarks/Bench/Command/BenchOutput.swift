import Foundation

/// Where people read, as it happens and afterwards.
enum Console {
    /// A line on standard error.
    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// Lines on standard output.
    static func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}

/// What `--list` shows.
enum Listing {
    static var text: String {
        var systems = TextTable([("system", .left), ("settings", .left), ("packages", .left)])
        for system in Plan.allSystems {
            let settings = Setting.allCases.filter(system.takesPart).map(\.rawValue)
            systems.add([system.name, settings.joined(separator: ", "), system.packages.joined(separator: ", ")])
        }
        var scenarios = TextTable([("scenario", .left), ("setting", .left), ("what is done", .left)])
        for setting in Setting.allCases {
            for scenario in setting.scenarios {
                scenarios.add([scenario.name, setting.rawValue, scenario.description])
            }
        }
        return (systems.lines + [""] + scenarios.lines).joined(separator: "\n")
    }
}

/// Writes a run's results to files.
enum BenchOutput {
    static let document = "Docs/Benchmarks.md"

    /// All measurements, and their medians.
    static func write(_ record: RunRecord, json path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(record).write(to: URL(fileURLWithPath: path))
    }

    /// What an earlier run wrote.
    ///
    /// - Throws: ``WrongUsage`` where the file is not there, or is of another program or version.
    static func record(_ path: String) throws -> RunRecord {
        do {
            return try JSONDecoder().decode(RunRecord.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw WrongUsage(description: "\(path) is no record of an earlier run: \(error)")
        }
    }

    /// The tables, into a document that may hold more.
    static func write(_ tables: String, document path: String) throws {
        let old = try? String(contentsOfFile: path, encoding: .utf8)
        let new = try Document.replacing(old, with: tables)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try new.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
