import Foundation
public import Model
import Programs

/// A program of the user's that shows and changes the records. It reads one JSON document on standard input and writes one
/// to standard output (Docs/DNS.md).
public struct ExecProvider: DNSProviding {
    public let zone: DNSName
    let command: [String]
    let limit: Duration

    public init(zone: DNSName, command: [String], limit: Duration) {
        (self.zone, self.command, self.limit) = (zone, command, limit)
    }

    public var title: String { "program \(command.first ?? "")" }
    public var ttlSecondsRange: ClosedRange<Int> { 0...Int(Int32.max) }
    public var manualPlace: DNSManualPlace {
        DNSManualPlace(steps: ["open the zone \(zone) where \(command.first ?? "the program") edits it"])
    }

    // MARK: What is said

    private struct Request: Encodable {
        let version = 1
        let action: String
        let zone: DNSName
        var names: [DNSName]?
        var changes: [Change]?
    }

    private struct Change: Encodable {
        let name: DNSName
        let type: DNSType
        let before: Content?
        let after: Content?

        init(_ change: DNSChange) {
            (name, type) = (change.key.name, change.key.type)
            (before, after) = (change.before.map(Content.init), change.after.map(Content.init))
        }

        private enum Keys: String, CodingKey { case name, type, before, after }

        // Null where there is nothing, so that a program finds every key.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(name, forKey: .name)
            try container.encode(type, forKey: .type)
            try container.encode(before, forKey: .before)
            try container.encode(after, forKey: .after)
        }
    }

    private struct Content: Codable {
        let ttl: Int
        let values: [String]

        init(_ set: DNSRecordSet) { (ttl, values) = (set.ttlSeconds, set.values) }
    }

    // MARK: What is answered

    private struct Shown: Decodable {
        struct Record: Decodable {
            let name: DNSName
            let type: DNSType
            let ttl: Int
            let values: [String]
        }

        let records: [Record]
        let recordSetsInZone: Int?

        enum CodingKeys: String, CodingKey {
            case records
            case recordSetsInZone = "record_sets_in_zone"
        }
    }

    private struct Applied: Decodable { let done: Bool }

    private struct Refused: Decodable {
        struct Reason: Decodable {
            let kind: String?
            let message: String
            let hint: String?
        }

        let error: Reason
    }

    private static let kinds: [String: DNSError.Kind] = [
        "unreachable": .unreachable, "credentials": .credentials, "unknown_zone": .unknownZone, "stale": .stale,
        "refused": .refused, "limited": .limited, "partly": .partly,
    ]

    // MARK: The two actions

    public func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView {
        let answer = try await run(Request(action: "show", zone: zone, names: names), Shown.self)
        return DNSZoneView(
            zone: zone, names: names,
            sets: answer.records.filter { !$0.values.isEmpty }.map {
                DNSRecordSet($0.name, $0.type, ttlSeconds: $0.ttl, values: $0.values)
            }, setsInZone: answer.recordSetsInZone)
    }

    public func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError) {
        let request = Request(action: "apply", zone: zone, changes: plan.changes.map(Change.init))
        guard try await run(request, Applied.self).done else {
            throw DNSError(
                .badAnswer, "\(title) says that it did not do what it was told, and gives no error",
                hint: "have it answer {\"error\": {\"kind\": …, \"message\": …}}")
        }
    }

    private func run<Answer: Decodable>(_ request: Request, _ type: Answer.Type) async throws(DNSError) -> Answer {
        let outcome: ExternalProgram.Outcome
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let input = String(decoding: try encoder.encode(request), as: UTF8.self) + "\n"
            outcome = try await ExternalProgram(command, input: input).run(limit: limit)
        } catch {
            throw DNSError(
                .unreachable, "\(error)",
                hint: "mend dns.provider.exec.command: the program must be there and executable")
        }
        let decoder = JSONDecoder()
        let output = Data(outcome.output.utf8)
        if let refused = try? decoder.decode(Refused.self, from: output) { throw told(refused.error) }
        switch outcome.ending {
        case .exited(0): break
        case .stopped:
            throw DNSError(
                .noAnswer, "\(title) did not end within \(limit) and was stopped",
                hint: "look at the zone before trying again, or raise dns.timeout")
        case .exited, .killed, .unknown:
            throw DNSError(
                .noAnswer, "\(title) ended with status \(outcome.ending.status)\(Self.lastLine(outcome.errors))",
                hint: "run it by hand with what it reads on standard input; Docs/DNS.md shows it")
        }
        do { return try decoder.decode(Answer.self, from: output) } catch {
            throw DNSError(
                .badAnswer, "\(title) answered what cannot be read\(Self.lastLine(outcome.errors))",
                hint: "have it write one JSON document as Docs/DNS.md shows it")
        }
    }

    private func told(_ reason: Refused.Reason) -> DNSError {
        let kind = reason.kind.flatMap { Self.kinds[$0] } ?? .noAnswer
        return DNSError(
            kind, "\(title): \(reason.message)", hint: reason.hint ?? "look at the zone before trying again")
    }

    /// What it said last on standard error.
    private static func lastLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).last.map { $0.prefix(300) } ?? ""
        return line.isEmpty ? "" : ": \(line)"
    }
}
