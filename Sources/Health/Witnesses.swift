import HTTP
import Model
import Postgres
import Replication
import Settings

/// Who can be asked, after a silence, whether anything answers us at all.
struct Witnesses: Sendable {
    /// One that can be asked.
    struct Witness: Sendable {
        let name: String
        /// What it is, to leave it out when it is what was silent.
        let subject: String
        let answers: @Sendable (_ limit: Duration) async -> Bool
    }

    let all: [Witness]

    init(_ all: [Witness]) { self.all = all }

    /// Those that the configuration names; without any, everything else that is looked at, and all nodes.
    init(_ health: HealthSettings, _ cluster: Cluster, _ client: HTTPClient) {
        func connecting(to place: NetworkPlace) -> Witness {
            Witness(name: "\(place)", subject: place.host) { limit in
                let target = TCPTarget(host: place.host, port: place.port, limit: limit)
                do {
                    _ = try await client.connect(to: target)
                    return true
                } catch {
                    // A refusal is an answer as well.
                    guard let error = error as? HTTPError else { return false }
                    if case .told(let result) = NetworkFailure.finding(error) { return result.outcome == .down }
                    return false
                }
            }
        }
        guard health.witnesses.isEmpty else {
            all = health.witnesses.map(connecting)
            return
        }
        // What is on this machine says nothing of the network.
        let places = Set(health.checks.compactMap(\.place).filter { !$0.isOnThisMachine })
        let nodes = cluster.settings.nodes.filter { !ConnectionSettings(dsn: $0.dsn.value).isOnThisMachine }
        all =
            places.sorted { "\($0)" < "\($1)" }.map(connecting)
            + nodes.map { node in
                Witness(name: "node \(node.name)", subject: "node \(node.name)") { limit in
                    let settings = ConnectionSettings(
                        dsn: node.dsn.value, applicationName: "switchback health", connectTimeout: limit)
                    do {
                        await (try Connection.open(settings)).close()
                        return true
                    } catch {
                        guard let error = error as? PostgresError else { return false }
                        if case .told(let result) = SQLProbe.finding(error) {
                            return result.outcome == .down || error.sqlState != nil
                        }
                        return false
                    }
                }
            }
    }

    /// Asks all of them side by side, but the one that was silent.
    ///
    /// - Returns: nil when there is nobody to ask.
    func ask(without subject: String?, limit: Duration) async -> Surroundings? {
        let asked = all.filter { $0.subject != subject }
        guard !asked.isEmpty else { return nil }
        let (stream, continuation) = AsyncStream.makeStream(of: String?.self)
        let tasks = asked.map { witness in
            Task { continuation.yield(await witness.answers(limit) ? witness.name : nil) }
        }
        // One that is stuck, in the look-up of a name for instance, is not waited for.
        let alarm = Task {
            try await Task.sleep(for: limit + .milliseconds(500))
            continuation.finish()
        }
        defer {
            alarm.cancel()
            for task in tasks { task.cancel() }
        }
        var left = asked.count
        for await name in stream {
            if let name { return .answer(name) }
            left -= 1
            if left == 0 { break }
        }
        return .silent
    }
}

extension HealthCheck {
    /// Where it connects to; nil when that is not known.
    var place: NetworkPlace? {
        switch kind {
        case .http(let check):
            check.address.map { NetworkPlace(host: $0.description, port: check.place.port) } ?? check.place
        case .tcp(let place): place
        case .sql, .exec, .fileAge: nil
        }
    }

    /// Whether there is no network between us and what it looks at.
    func isOnThisMachine(_ cluster: Cluster) -> Bool {
        guard case .sql(let check) = kind else { return place?.isOnThisMachine ?? false }
        let node = cluster.settings.nodes.first { $0.name == check.node }
        return node.map { ConnectionSettings(dsn: $0.dsn.value).isOnThisMachine } ?? false
    }

    /// What it looks at, as witnesses call it.
    var subject: String? {
        if case .sql(let check) = kind { return "node \(check.node)" }
        return place?.host
    }
}

extension NetworkPlace {
    /// Whether it surely is this machine.
    var isOnThisMachine: Bool { host.hasPrefix("127.") || ["localhost", "::1"].contains(host) }
}
