import Console
import Failover
import Glibc
import Logging
import Replication
import Settings
import Sites

/// What the daemon does about the site, told in its log.
enum SiteTeller {
    /// - Returns: nil where the configuration has no site that moves.
    static func watch(_ cluster: Cluster, _ logger: Logger) throws -> Watch? {
        guard cluster.settings.failover != nil else { return nil }
        let setup = try SiteSetup(cluster, logger: logger)
        var own = logger
        own[metadataKey: "site"] = "\(cluster.settings.cluster)"
        let told = own
        told.info(
            "watches over the site: \(setup.rules.isAutomatic ? "it moves by itself" : "it moves when a person says so")"
        )
        return setup.watch { progress in
            if let line = PlanText.line(progress) { told.info("\(line)") }
        } onEvent: { event in
            tell(event, told)
        }
    }

    private static func tell(_ event: Watch.Event, _ logger: Logger) {
        switch event {
        case .quarantined(let found):
            let tables = found.stranded.map { "\($0.table) \($0.rows)" }.joined(separator: ", ")
            let what = tables.isEmpty ? "nothing is stranded there" : "stranded there, and merged now: \(tables)"
            logger.warning("\(found.site.node) came back and was fenced: it is not the active site's; \(what)")
        case .began(let kind, let why): logger.warning("\(kind.rawValue) begins by itself: \(why)")
        case .resumed: logger.warning("goes on with a plan that was cut off")
        case .ended(let report):
            for line in PlanText.render(report).split(separator: "\n") {
                logger.log(level: report.outcome == .done ? .info : .warning, "\(line)")
            }
        case .failed(let why): logger.warning("the site could not be looked after: \(why)")
        }
    }
}

/// What `check` finds of sites that move.
enum SiteFindings {
    static func look(_ cluster: Cluster, _ logger: Logger) throws -> [Finding] {
        guard let failover = cluster.settings.failover else { return [] }
        let setup: SiteSetup
        do { setup = try SiteSetup(cluster, logger: logger) } catch let refused as SetupRefused {
            return refused.findings
        }
        var findings = [Finding(.notice, "two orchestrators: \(setup.parts.lease.meaning)")]
        if failover.lease.etcd != nil {
            findings = [Finding(.good, "two orchestrators: \(setup.parts.lease.meaning)")]
        }
        for (name, command) in [("stop", failover.hooks.stop), ("start", failover.hooks.start)] {
            guard let program = command?.first, access(program, X_OK) != 0 else { continue }
            findings.append(
                Finding(
                    .problem, "the hook \(program) is not there, or cannot be run by this user",
                    remedy: "mend failover.hooks.\(name), or the program's mode"))
        }
        return findings
    }
}
