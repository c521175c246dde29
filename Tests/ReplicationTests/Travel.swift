import Postgres
import Settings
import TestSupport
import Testing

@testable import Replication

/// The two ways on which a batch reaches a receiver.
enum Way: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Few rows: one statement each.
    case singleRows = "row by row"
    /// Many rows: staged by COPY, and merged.
    case staged = "staged"

    var testDescription: String { rawValue }
}

extension TestPair {
    /// A pair with a table `filler`, whose rows make any batch a large one.
    static func travelling(
        schema: String, tables: [String] = ["public.*"], sync: String = "", source: Int? = nil, target: Int? = nil
    ) async throws -> TestPair {
        let sourceServer = try await TestServers.shared.server("source", version: source)
        let targetServer = try await TestServers.shared.server("target", version: target)
        return try await make(
            schema: schema + "; CREATE TABLE public.filler (id int PRIMARY KEY)", tables: tables, sync: sync,
            sourceServer: sourceServer, targetServer: targetServer)
    }

    /// Changes the source in one transaction, makes sure that the change is about to travel on a given way, and brings
    /// it to the target.
    func change(_ sql: String, on way: Way, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await write(sql, on: way)
        #expect(try await nextWay() == way, "\(sql.prefix(80))", sourceLocation: sourceLocation)
        try await catchUp()
    }

    /// Changes the source in one transaction that is going to travel on a given way, and leaves it there.
    func write(_ sql: String, on way: Way) async throws {
        let more = "; DELETE FROM public.filler; INSERT INTO public.filler SELECT generate_series(1, 1100)"
        try await source.run("BEGIN; \(sql)\(way == .staged ? more : ""); COMMIT")
    }

    /// On which way the next batch will travel; nil when there is nothing to carry.
    func nextWay() async throws -> Way? {
        switch try await read(routes()) {
        case nil, .empty, .locked: nil
        case .small: .singleRows
        case .large: .staged
        }
    }

    /// The routes of the first stream, as of now.
    func routes() async throws -> RouteTable {
        let (stream, settings) = (streams[0], cluster.settings.syncs[0])
        let receiver = try await at(stream.receiver) { try ReceiverView.read($0, stream: stream) }
        return try await at(stream.source) { session in
            try RouteTable.make(
                sync: settings, stream: stream, source: SourceView.read(session, sync: stream.sync), receiver: receiver)
        }
    }

    /// What lies past the first stream's cursor; nil when it was not begun.
    func read(_ routes: RouteTable) async throws -> ReadBatch? {
        let stream = streams[0]
        guard let cursor = try await at(stream.receiver, { try Cursor.read($0, stream) }) else { return nil }
        return try await at(stream.source) { session in
            try BatchReader(sync: stream.sync, routes: routes).read(session, after: cursor.snapshot, allowSmall: true)
        }
    }

    private func at<R: Sendable>(_ node: String, _ body: @escaping @Sendable (Session) throws -> R) async throws -> R {
        let connection = try await cluster.open(node, purpose: "test")
        do {
            let result = try await connection.run(body)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Why the stream does not move, once it has told so at its receiver.
    func stopReason() async throws -> String? {
        try await target.value(
            "SELECT error || coalesce('; hint: ' || error_hint, '') FROM switchback.cursor WHERE sync = 'main'")
    }

    /// Lets the stream run, and expects that it stops for a reason that says all of `words`.
    func expectStop(naming words: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await withEngine { try await awaitStop(naming: words, sourceLocation: sourceLocation) }
    }

    /// Expects that the stream, which an engine carries, stops for a reason that says all of `words`.
    func awaitStop(naming words: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let hasStopped = try await eventually {
            let reason = try await stopReason() ?? ""
            return words.allSatisfy { reason.contains($0) }
        }
        let reason = try await stopReason() ?? "nothing"
        #expect(hasStopped, "expected \(words), and it says \(reason)", sourceLocation: sourceLocation)
    }

    /// Expects that a table of the target, which an engine brings changes to, comes to equal the source's.
    func awaitEqual(_ table: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let isEqual = try await eventually {
            try await target.digest(table) == source.digest(table)
        }
        let reason = try await stopReason() ?? "no reason"
        #expect(isEqual, "\(table): \(reason)", sourceLocation: sourceLocation)
    }
}
