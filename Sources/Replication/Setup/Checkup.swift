import Model
import Postgres
import Settings

/// Everything that can be looked at before anything is installed, and after.
public struct Checkup: Sendable {
    let cluster: Cluster

    public init(_ cluster: Cluster) { self.cluster = cluster }

    /// From this difference between a server's clock and ours on, somebody should know.
    private static let clockSkewMostSeconds = 5.0

    /// Looks at everything; changes nothing.
    public func run() async throws -> [Finding] {
        let survey = try await Survey.take(cluster)
        var findings: [Finding] = []
        for node in cluster.settings.nodes {
            guard let facts = survey.catalogues[node.name]?.facts else { continue }
            findings.append(
                Finding(.good, node: node.name, "reachable: Postgres \(facts.version), role \(facts.role)"))
            findings += try await clock(node.name)
            findings += installation(node.name, facts)
        }
        findings += try await clocks()
        findings += notActedUpon() + idleOverrides(survey)
        let wanting = survey.findings()
        findings += wanting
        for sync in cluster.settings.syncs where !wanting.contains(where: { $0.sync == sync.name }) {
            for source in sync.sources where survey.catalogues[source] != nil {
                let tables = survey.selected(sync, at: source)
                let whole = tables.count { $0.isWhole }
                let note = whole > 0 ? ", \(whole) of them by full copy" : ""
                findings.append(
                    Finding(
                        .good, node: source, sync: sync.name,
                        "\(tables.count) tables have keys and grants\(note), and fit their counterparts"))
            }
        }
        return findings
    }

    /// Sections that somebody wrote and may rely on.
    private func notActedUpon() -> [Finding] {
        let settings = cluster.settings
        let sections = [
            (
                "sites",
                !settings.sites.isEmpty && settings.failover == nil && settings.files.isEmpty && settings.dns == nil
            )
        ].filter(\.1).map(\.0)
        guard !sections.isEmpty else { return [] }
        return [
            Finding(
                .notice,
                "this version reads \(sections.joined(separator: ", ")) in the configuration and does not act on it",
                remedy: "do not rely on it: the site stays where it is")
        ]
    }

    /// Overrides that nothing comes of: a misspelt name looks like that.
    private func idleOverrides(_ survey: Survey) -> [Finding] {
        cluster.settings.syncs.flatMap { sync -> [Finding] in
            // What a standby holds is what its site's node holds.
            let catalogues = sync.namedSources.compactMap { survey.catalogues[$0] }
            guard catalogues.count == sync.namedSources.count else { return [] }
            let names = catalogues.flatMap { $0.tables.map(\.name) }.filter { sync.names($0) }
            return sync.overrides.filter { override in !names.contains { override.pattern.matches($0) } }.map {
                Finding(
                    .notice, sync: sync.name, "no table of it matches the override \($0.pattern)",
                    remedy: "mend syncs.\(sync.name).overrides")
            }
        }
    }

    /// Between several sources clocks settle conflicts.
    private func clocks() async throws -> [Finding] {
        var offsets: [String: Double] = [:]
        for node in Set(cluster.settings.syncs.filter(\.isMultiMaster).flatMap(\.sources)) {
            // Before the first installation, and where it cannot be asked, nothing is known.
            offsets[node] = try? await cluster.asking(node, purpose: "check", deadline: .seconds(10)) {
                try ClockReading.offset($0)
            }
        }
        return cluster.settings.syncs.flatMap { sync in
            ClockReading.skews(sync, offsets).map { skew in
                Finding(
                    .notice, node: skew.node, sync: sync.name, skew.text(limit: ClockReading.limit(sync)),
                    remedy: ClockSkew.remedy)
            }
        }
    }

    /// Measures how far a server's clock is from ours, within half a round trip.
    private func clock(_ node: String) async throws -> [Finding] {
        let connection = try await cluster.open(node, purpose: "check")
        let skew: Double
        do {
            skew = try await connection.run(deadline: .seconds(10)) { session in
                let before = WallClock.seconds()
                let answer = try session.query("SELECT extract(epoch FROM clock_timestamp())").text(0, 0)
                return (Double(answer) ?? 0) - (before + WallClock.seconds()) / 2
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        guard abs(skew) > Self.clockSkewMostSeconds else { return [] }
        return [
            Finding(
                .notice, node: node,
                "its clock is \(Int(abs(skew).rounded())) s \(skew > 0 ? "ahead of" : "behind") this machine's",
                remedy: "lags are shown by these clocks: have both follow a time server")
        ]
    }

    private func installation(_ node: String, _ facts: ServerFacts) -> [Finding] {
        if facts.isInstalled { return [Finding(.good, node: node, "Switchback is installed")] }
        return [
            Finding(.notice, node: node, "Switchback is not installed", remedy: "switchback schema install")
        ]
    }
}
