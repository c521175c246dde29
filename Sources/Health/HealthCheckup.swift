import Foundation
import Glibc
import HTTP
public import Replication
import Settings

/// What can be seen of `health` and `notify` before anything is looked at: what could never work, and what somebody should
/// know who relies on it.
public struct HealthCheckup: Sendable {
    private let cluster: Cluster

    public init(_ cluster: Cluster) { self.cluster = cluster }

    /// Looks at programs that are named, and at who could see what. Touches no network.
    public func findings() -> [Finding] {
        let programs = cluster.settings.notify.compactMap { receiver -> (String, String)? in
            if case .exec(let program) = receiver.kind { ("notify", program.command[0]) } else { nil }
        }
        guard let health = cluster.settings.health else { return programs.compactMap(Self.missing) }
        let checks = health.checks.compactMap { check -> (String, String)? in
            if case .exec(let exec) = check.kind { ("health, \(check.name)", exec.command[0]) } else { nil }
        }
        let good = Finding(.good, "health: \(health.checks.count) checks, \(Self.electorate(health))")
        return [good] + (checks + programs).compactMap(Self.missing) + observers(health) + witnesses(health)
    }

    private static func electorate(_ health: HealthSettings) -> String {
        health.observers.isEmpty ? "this process decides alone" : "\(health.observers.count) observers have a say"
    }

    private static func missing(_ place: String, _ program: String) -> Finding? {
        guard access(program, X_OK) != 0 else { return nil }
        let reason = String(cString: strerror(errno))
        return Finding(
            .problem, "\(place): \(program) cannot be run: \(reason)",
            remedy: "install it, or let the user that runs switchback execute it")
    }

    private func observers(_ health: HealthSettings) -> [Finding] {
        let own = health.observer ?? ProcessInfo.processInfo.hostName
        if !health.observers.isEmpty, !health.observers.contains(own) {
            return [
                Finding(
                    .notice, "health: this process is called \(own), and is not among the observers",
                    remedy:
                        "the others will not hear it: set health.observer to one of \(health.observers.joined(separator: ", "))"
                )
            ]
        }
        guard health.observers.isEmpty, cluster.settings.failover?.mode == .automatic else { return [] }
        return [
            Finding(
                .notice, "health: failover is automatic, and this process decides alone that a site is down",
                remedy: "run \"switchback health --observe\" at other places and name all of them in health.observers")
        ]
    }

    private func witnesses(_ health: HealthSettings) -> [Finding] {
        guard Witnesses(health, cluster, HTTPClient()).all.isEmpty else { return [] }
        return [
            Finding(
                .notice,
                "health: nobody elsewhere can be asked whether this machine's own network works, so a site that is silent is unknown and never down",
                remedy: "name two or three places elsewhere that take connections in health.witnesses")
        ]
    }
}
