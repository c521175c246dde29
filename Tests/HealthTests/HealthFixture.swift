import Foundation
import HTTP
import Logging
import Model
import Replication
import Settings
import Synchronization
import TestSupport

@testable import Health

/// A configuration with checks, and probes of a test's own.
enum HealthFixture {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// - Parameters:
    ///   - health: the lines of `health` at its indentation, checks included.
    ///   - nodes: the dsn of each, by name; two that nobody is at when nil.
    static func cluster(_ health: String, nodes: [(String, String)]? = nil, sites: String = "") throws -> Cluster {
        let nodes = nodes ?? [("a", "host=127.0.0.1 port=1"), ("b", "host=127.0.0.1 port=1")]
        let settings = try Settings.parse(
            """
            cluster: c
            nodes: { \(nodes.map { "\($0.0): { dsn: \"\($0.1)\" }" }.joined(separator: ", ")) }
            syncs: { s: { nodes: { \(nodes[0].0): source, \(nodes[1].0): target }, tables: ["public.*"] } }
            \(sites)
            health:
            \(health)
            """)
        return Cluster(settings)
    }

    /// One check as the configuration has it.
    static func check(_ text: String, timeout: String = "30s") throws -> HealthCheck {
        try cluster("  timeout: \(timeout)\n  checks: [ \(text) ]").settings.health!.checks[0]
    }

    /// What a look of a check finds, by its real probe.
    static func look(_ text: String, timeout: String = "30s", cluster: Cluster? = nil) async throws -> CheckFinding {
        let check = try check(text, timeout: timeout)
        let client = HTTPClient()
        switch check.kind {
        case .http(let http): return await HTTPProbe(check: http, timeout: check.timeout, client: client).look()
        case .tcp(let place): return await TCPProbe(place: place, timeout: check.timeout, client: client).look()
        case .sql(let sql):
            let own = try Self.cluster("  checks: [ \(text) ]")
            return await SQLProbe(
                check: sql, cluster: cluster ?? own, observer: "test", timeout: check.timeout
            ).look()
        case .exec(let exec): return await ExecProbe(check: exec, timeout: check.timeout).look()
        case .fileAge(let file): return await FileAgeProbe(check: file).look()
        }
    }
}

extension CheckFinding {
    /// What it told; nil when it was a silence.
    var result: CheckResult? {
        if case .told(let result) = self { result } else { nil }
    }

    var outcome: CheckOutcome? { result?.outcome }
    var reason: String {
        switch self {
        case .told(let result): result.reason
        case .silence(let reason): reason
        }
    }
}

/// A probe that finds what a test has it find.
final class ScriptedProbe: HealthProbe {
    private let state: Mutex<(finding: CheckFinding, looks: Int)>

    init(_ outcome: CheckOutcome) { state = Mutex((.told(CheckResult(outcome, "scripted")), 0)) }
    init(_ finding: CheckFinding) { state = Mutex((finding, 0)) }

    var looks: Int { state.withLock { $0.looks } }
    func find(_ outcome: CheckOutcome) { state.withLock { $0.finding = .told(CheckResult(outcome, "scripted")) } }

    func look() async -> CheckFinding {
        state.withLock {
            $0.looks += 1
            return $0.finding
        }
    }
}

/// A probe that never comes back, whatever it is told, until the test opens it.
final class HangingProbe: HealthProbe {
    private let open = Mutex(false)
    private let started = Mutex(0)

    var looks: Int { started.withLock { $0 } }
    func release() { open.withLock { $0 = true } }

    func look() async -> CheckFinding {
        started.withLock { $0 += 1 }
        // Cancellation makes sleeping end at once: the pause is a task of its own, which nobody cancels.
        while !open.withLock({ $0 }) { await Task.detached { try? await Task.sleep(for: .milliseconds(20)) }.value }
        return .up("late")
    }
}
