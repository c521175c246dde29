import Foundation
import Postgres

/// What it costs 64 committers to notify.
struct NotifyCost: Sendable {
    let plain: PgBench
    let triggered: PgBench
    let seconds: Int
    let accounts: Int
    /// Starts the engine.
    let start: @Sendable () async throws -> Engine
    let folder: String

    private static let clients = 64
    /// Where Switchback's triggers ring.
    private static let channel = "switchback"
    /// The rows are many and the statements single, so that committers meet at the commit and nowhere else.
    private var draw: String { "\\set aid random(1, \(accounts))\n" }
    private static let change = "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;\n"

    func run() async throws -> [String: Double] {
        let plainScript = try script("plain", draw + Self.change)
        let notifyScript = try script("notify", draw + "BEGIN;\n\(Self.change)NOTIFY bench;\nEND;\n")
        let half = max(2, seconds / 2)

        var without: [Double] = []
        var figures: [String: Double] = [:]
        without.append(try await tps(plain, plainScript, half))
        let (notify, _) = try await listening(on: "bench", at: plain.node) {
            try await tps(plain, notifyScript, seconds)
        }
        let (running, heard) = try await withEngine {
            try await listening(on: Self.channel, at: triggered.node) {
                try await result(triggered, plainScript, seconds)
            }
        }
        let triggers = try await tps(triggered, plainScript, seconds)
        without.append(try await tps(plain, plainScript, half))

        let base = without.reduce(0, +) / 2
        figures["plain_tps"] = base
        figures["notify_tps"] = notify
        figures["notify_ratio"] = notify / max(base, 1e-9)
        figures["triggers_tps"] = triggers
        figures["triggers_ratio"] = triggers / max(base, 1e-9)
        figures["engine_tps"] = running.tps
        figures["engine_ratio"] = running.tps / max(base, 1e-9)
        figures["heard"] = Double(heard) / Double(max(1, running.transactions))
        return figures
    }

    /// Before anything else has changed the rows: the engine begins with equal ones.
    private func withEngine<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        let engine = try await start()
        do {
            let result = try await body()
            await engine.stop()
            return result
        } catch {
            await engine.stop()
            throw error
        }
    }

    private func tps(_ bench: PgBench, _ script: String, _ seconds: Int) async throws -> Double {
        try await result(bench, script, seconds).tps
    }

    private func result(_ bench: PgBench, _ script: String, _ seconds: Int) async throws -> PgBench.Result {
        try await bench.run(clients: Self.clients, seconds: seconds, more: ["-f", script])
    }

    private func script(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name).pgbench"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    /// Runs a body while somebody listens, and counts what is heard.
    private func listening<R: Sendable>(
        on channel: String, at node: Node, _ body: @Sendable @escaping () async throws -> R
    ) async throws -> (R, Int) {
        try await Link.with(node) { link in
            try await link.execute("LISTEN \(channel)")
            let isOver = Shared(false)
            return try await withThrowingTaskGroup(of: (R?, Int).self) { group in
                group.addTask {
                    defer { isOver.change { $0 = true } }
                    return (try await body(), 0)
                }
                group.addTask {
                    var heard = 0
                    while !isOver.value {
                        heard += try await link.connection.run { try $0.waitForNotification(timeout: .seconds(1)) }
                            .count
                    }
                    return (nil, heard)
                }
                var result: R?
                var heard = 0
                for try await (one, count) in group {
                    if let one { result = one }
                    heard += count
                }
                guard let result else { throw CancellationError() }
                return (result, heard)
            }
        }
    }
}
