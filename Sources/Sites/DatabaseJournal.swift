import Assets
public import Failover
import Foundation
import Postgres
public import Replication

/// The journal in the databases of both sites.
public actor DatabaseJournal: SiteJournal {
    private let cluster: Cluster
    private let nodes: [String]
    private var connections: [String: Connection] = [:]
    /// Nodes that did not answer, and when they are tried again: a node that is lost must not make every line wait.
    private var gone: [String: ContinuousClock.Instant] = [:]

    private static let answerWithin = Duration.seconds(2)
    private static let goneFor = Duration.seconds(5)

    /// - Parameter nodes: those of the sites.
    public init(_ cluster: Cluster, nodes: [String]) {
        self.cluster = cluster
        self.nodes = nodes
    }

    public func read() async throws -> (journal: Journal, missing: [String: String]) {
        let answers = await atEach(nodes) { session in try Self.lines(session) }
        let copies = answers.compactMap { try? $0.value.get() }
        var missing: [String: String] = [:]
        for (node, answer) in answers {
            if case .failure(let failure) = answer { missing[node] = failure.message }
        }
        guard !copies.isEmpty else {
            throw StepFailure(
                "the journal can be read nowhere: \(missing.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; "))",
                hint: "one of \(nodes.joined(separator: ", ")) has to answer", isGone: true)
        }
        return (Journal(copies), missing)
    }

    public func write(_ entry: JournalEntry) async throws {
        CrashPoint.journalWriting.reached()
        defer { CrashPoint.journalWritten.reached() }
        let now = ContinuousClock.now
        let there = nodes.filter { gone[$0].map { $0 < now } ?? true }
        let parameters = try Self.parameters(entry, at: nil)
        // Where all seem to be gone, all are tried.
        let answers = await atEach(there.isEmpty ? nodes : there) { session in
            _ = try session.query(Assets.sql("failover/write_journal"), parameters)
        }
        var failure: StepFailure?
        for (node, answer) in answers {
            switch answer {
            case .success: gone[node] = nil
            case .failure(let why):
                gone[node] = .now + Self.goneFor
                failure = why
            }
        }
        guard answers.values.contains(where: { (try? $0.get()) != nil }) else {
            throw failure ?? StepFailure("the journal could not be written")
        }
    }

    public func heal() async {
        let copies = await atEach(nodes) { session in try Self.lines(session) }
        let known = copies.compactMapValues { try? $0.get() }
        let whole = Journal(Array(known.values))
        for (node, copy) in known {
            let lines = whole.missing(in: copy).compactMap { try? Self.parameters($0, at: $0.at) }
            guard !lines.isEmpty else { continue }
            _ = await atEach([node]) { session in
                for line in lines { _ = try session.query(Assets.sql("failover/write_journal"), line) }
            }
        }
    }

    // MARK: - Asking the nodes

    /// Asks nodes side by side; one that does not answer in time is an answer as well.
    private func atEach<Value: Sendable>(
        _ nodes: [String], _ body: @escaping @Sendable (Session) throws -> Value
    ) async -> [String: Result<Value, StepFailure>] {
        await withTaskGroup(of: (String, Result<Value, StepFailure>).self) { group in
            for node in nodes { group.addTask { (node, await self.at(node, body)) } }
            var answers: [String: Result<Value, StepFailure>] = [:]
            for await (node, answer) in group { answers[node] = answer }
            return answers
        }
    }

    private func at<Value: Sendable>(
        _ node: String, _ body: @escaping @Sendable (Session) throws -> Value
    ) async -> Result<Value, StepFailure> {
        let outcome = await limited(to: Self.answerWithin) {
            let connection = try await self.connection(node)
            return try await connection.run(deadline: Self.answerWithin, body)
        }
        switch outcome {
        case .value(let value): return .success(value)
        case .failed(let error):
            await drop(node)
            return .failure(StepFailure(error))
        case .late:
            await drop(node)
            return .failure(StepFailure("\(node) did not answer within \(Self.answerWithin.text)", isGone: true))
        }
    }

    private func connection(_ node: String) async throws -> Connection {
        if let open = connections[node], open.isOpen { return open }
        let opened = try await cluster.open(node, purpose: "journal", parameters: durable)
        // Somebody else may have opened one meanwhile: it is used, and ours is closed.
        if let other = connections[node], other.isOpen {
            await opened.close()
            return other
        }
        connections[node] = opened
        return opened
    }

    private func drop(_ node: String) async {
        let connection = connections.removeValue(forKey: node)
        // It may be busy with what did not come to an end in time.
        Task { await connection?.close() }
    }

    // MARK: - Lines

    private static func lines(_ session: Session) throws -> [JournalEntry] {
        try session.query(Assets.sql("failover/read_journal")).rows.compactMap { row in
            // A line of a later version of the program may say what this one does not know.
            guard let event = row[5].flatMap({ JournalEvent(rawValue: $0) }) else { return nil }
            let decoder = JSONDecoder()
            return JournalEntry(
                plan: row[0] ?? "", number: row.int(1) ?? 0, writer: row[2] ?? "",
                at: row[3].flatMap { Double($0) } ?? 0,
                epoch: row.int(4) ?? 0, event: event, step: row[6].flatMap { StepName(rawValue: $0) }, note: row[7],
                numbers: row[8].flatMap { try? decoder.decode([String: Int].self, from: Data($0.utf8)) } ?? [:],
                seconds: row[9].flatMap { Double($0) },
                record: row[10].flatMap { try? decoder.decode(PlanRecord.self, from: Data($0.utf8)) })
        }
    }

    private static func parameters(_ entry: JournalEntry, at: Double?) throws -> [String?] {
        let encoder = JSONEncoder()
        let numbers = String(decoding: try encoder.encode(entry.numbers), as: UTF8.self)
        let record = try entry.record.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        return [
            entry.plan, String(entry.number), entry.writer, at.map { String($0) }, String(entry.epoch),
            entry.event.rawValue,
            entry.step?.rawValue, entry.note, numbers, entry.seconds.map { String($0) }, record,
        ]
    }
}
