import LocalCluster
import Replication
import TestSupport
import Testing

/// Servers of a schedule's own, each behind a network of its own, to be broken.
struct FaultGround: Sendable {
    /// What is done to a server or its network while something is carried.
    struct Fault: Sendable {
        enum Kind: CaseIterable, Sendable {
            case kill, stop, cut, stall, deafen, mute
        }

        let kind: Kind
        let server: Int
        /// When it begins, after the carrying began, and for how long.
        let after: Duration
        let lasting: Duration
        /// Whether the engine that carries ends then, and nobody comes back to it.
        let endsEngine: Bool

        var kills: Bool { kind == .kill || kind == .stop }
    }

    let servers: [LocalCluster]
    private let proxies: [TCPProxy]

    static func make(_ count: Int, settings: [String: String] = [:]) async throws -> FaultGround {
        var servers: [LocalCluster] = []
        var proxies: [TCPProxy] = []
        for number in 1...count {
            let server = try await TestServers.own("ground-\(number)", settings: settings)
            servers.append(server)
            proxies.append(try TCPProxy.start(to: server.port))
        }
        return FaultGround(servers: servers, proxies: proxies)
    }

    /// Runs a body with a ground, which is gone afterwards.
    static func with<R>(
        _ count: Int, settings: [String: String] = [:], _ body: (FaultGround) async throws -> R
    ) async throws -> R {
        let ground = try await make(count, settings: settings)
        do {
            let result = try await body(ground)
            await ground.destroy()
            return result
        } catch {
            await ground.destroy()
            throw error
        }
    }

    private func destroy() async {
        for proxy in proxies { proxy.stop() }
        for server in servers { await server.destroy() }
    }

    /// Masters whose engine reaches every node over its server's network, and notices soon that one says nothing.
    func makeMasters(_ plan: Schedule.Plan) async throws -> TestMasters {
        try await TestMasters.make(
            schema: Schedule.schema, masters: plan.masters, targets: plan.targets, sync: plan.yaml, servers: servers,
            doubtAfter: .milliseconds(300), dsn: dsn)
    }

    func dsn(_ node: Int, _ database: TestDatabase) -> String {
        database.server.dsn(database: database.name, port: proxies[node % servers.count].port)
    }

    /// The nodes whose databases are in a server.
    func nodes(of server: Int, _ count: Int) -> [Int] { (0..<count).filter { $0 % servers.count == server } }

    func randomFault(_ random: inout SeededRandom, from: Int, to: Int) -> Fault {
        let kinds = Fault.Kind.allCases
        let kind = kinds[random.number(0...(kinds.count - 1))]
        let side = random.once(in: 2) ? from : to
        let longest = kind == .kill || kind == .stop || kind == .cut ? 60 : 700
        return Fault(
            kind: kind, server: side % servers.count, after: .milliseconds(random.number(0...90)),
            lasting: .milliseconds(random.number(0...longest)), endsEngine: random.once(in: 2))
    }

    /// Has streams carried, breaks something meanwhile and mends it again. How far they came is for the caller to see.
    func carry(
        _ streams: [StreamID], _ place: TestMasters, while fault: Fault, _ random: inout SeededRandom
    ) async throws {
        let engine = Task {
            try await CatchUp(place.cluster, logger: TestPair.logger).run(
                streams, timeout: .seconds(30), allTables: false)
        }
        try await Task.sleep(for: fault.after)
        if fault.endsEngine && random.once(in: 2) { engine.cancel() }
        try await begin(fault)
        try await Task.sleep(for: fault.lasting)
        if fault.endsEngine { engine.cancel() }
        try await end(fault)
        _ = try? await engine.value
    }

    func begin(_ fault: Fault) async throws {
        let proxy = proxies[fault.server]
        switch fault.kind {
        case .kill: try await servers[fault.server].kill9()
        case .stop: try await servers[fault.server].stop(mode: .immediate)
        case .cut: proxy.cut()
        case .stall: proxy.stall()
        case .deafen: proxy.halfStall(.toServer)
        case .mute: proxy.halfStall(.toClient)
        }
    }

    func end(_ fault: Fault) async throws {
        let proxy = proxies[fault.server]
        switch fault.kind {
        case .kill, .stop: try await servers[fault.server].start()
        case .cut: try proxy.restore()
        case .stall, .deafen, .mute: proxy.resume()
        }
    }
}
