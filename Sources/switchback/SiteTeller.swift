import Console
import DNSProviders
import Failover
import Glibc
import Health
import Logging
import Replication
import Settings
import Sites

/// What the daemon does about the site, told in its log.
struct SiteTeller {
    private let setup: SiteSetup
    private let watch: Watch

    /// Nil where the configuration has no site that moves.
    init?(_ cluster: Cluster, _ logger: Logger, monitor: HealthMonitor?) throws {
        guard cluster.settings.failover != nil else { return nil }
        setup = try SiteSetup(cluster, logger: logger, monitor: monitor)
        var own = logger
        own[metadataKey: "site"] = "\(cluster.settings.cluster)"
        let told = own
        told.info(
            "watches over the site: \(setup.rules.isAutomatic ? "it moves by itself" : "it moves when a person says so")"
        )
        watch = setup.watch { progress in
            if let line = PlanText.line(progress) { told.info("\(line)") }
        } onEvent: { event in
            Self.tell(event, told)
        }
    }

    /// Looks after the site until the task is cancelled; what people are to be told of it still goes out then.
    func run() async throws {
        let setup = setup
        do { try await watch.run() } catch {
            await Task { await setup.deliver() }.value
            throw error
        }
    }

    private static func tell(_ event: Watch.Event, _ logger: Logger) {
        switch event {
        case .quarantined(let found):
            let tables = found.stranded.map(\.plainText).joined(separator: ", ")
            let what = tables.isEmpty ? "nothing is stranded there" : "stranded there, and merged now: \(tables)"
            logger.warning("\(found.site.node) came back and was fenced: it is not the active site's; \(what)")
        case .began(let kind, let why): logger.warning("\(kind.rawValue) begins by itself: \(why)")
        case .resumed: logger.warning("goes on with a plan that was cut off")
        case .ended(let report):
            // A log is read by others than the journal is, and sent elsewhere.
            for line in PlanText.render(report.withoutKeys).split(separator: "\n") {
                logger.log(level: report.outcome == .done ? .info : .warning, "\(line)")
            }
        case .failed(let why): logger.warning("the site could not be looked after: \(why)")
        case .alarm(let what): logger.warning("\(what)")
        }
    }
}

/// What `check` finds of sites that move.
enum SiteFindings {
    static func look(_ cluster: Cluster, _ logger: Logger) async throws -> [Finding] {
        guard let failover = cluster.settings.failover else { return [] }
        let setup: SiteSetup
        do { setup = try SiteSetup(cluster, logger: logger) } catch let refused as SetupRefused {
            return refused.findings
        } catch is DNSError {
            // What is wrong with the names is told with the names.
            return []
        }
        var findings = [Finding(.notice, "two orchestrators: \(setup.parts.lease.meaning)")]
        if failover.lease.etcd != nil {
            findings = [Finding(.good, "two orchestrators: \(setup.parts.lease.meaning)")]
        }
        if let obstacle = await setup.parts.lease.obstacle() {
            findings = [
                Finding(
                    .problem, "two orchestrators: \(obstacle.message)",
                    remedy: obstacle.hint ?? "mend failover.lease: without it nothing moves")
            ]
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
