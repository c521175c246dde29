public import Failover
import Foundation
public import Health
public import Logging
import Notify
public import Replication
public import Settings

/// Both sites of a configuration, with everything that plans are carried out with.
public struct SiteSetup: Sendable {
    /// The site where the configuration has the writing node.
    public let home: PlanSite
    public let other: PlanSite
    public let limits: PlanLimits
    public var parts: SiteParts
    public let returnMode: ReturnMode
    public let rules: Autopilot.Rules
    /// Tells this engine's lines in the journal from those of others.
    public let name: String
    private let people: Notifier?

    /// Puts it together.
    ///
    /// - Parameters:
    ///   - monitor: who watches over the sites, in a daemon; nil in a command, which hears what daemons have said.
    ///   - here: the site that this machine is, as the environment says; found by its addresses when nil.
    /// - Throws: `SetupRefused` when the configuration has no two sites to move between.
    public init(_ cluster: Cluster, logger: Logger, monitor: HealthMonitor? = nil, here: String? = Self.named) throws {
        let settings = cluster.settings
        guard let failover = settings.failover else {
            throw SetupRefused([
                Finding(
                    .problem, "the configuration does not say how the site moves",
                    remedy: "add sites: and failover: to the configuration, and run \"switchback schema install\"")
            ])
        }
        let gated = settings.syncs.filter(\.hasStandbys)
        let sites = settings.sites.filter { site in gated.contains { settings.isGated(site.node, $0) } }
        guard sites.count == 2 else {
            throw SetupRefused([
                Finding(
                    .problem,
                    "the site moves between two places, and \(sites.count) sites have a node of a common sync",
                    remedy: "have one sync name the node of one site as its source, and that of the other as a target")
            ])
        }
        let sources = Set(gated.flatMap(\.namedSources))
        let first = sites.first { sources.contains($0.node) } ?? sites[0]
        let second = sites.first { $0 != first } ?? sites[1]
        home = PlanSite(name: first.name, node: first.node)
        other = PlanSite(name: second.name, node: second.node)
        limits = PlanLimits(failover, ttl: settings.dns?.records.map(\.ttl).max())
        returnMode = failover.failback.mode == .freeze ? .freeze : .overlap
        rules = Autopilot.Rules(
            isAutomatic: failover.mode == .automatic, calm: failover.failback.after, returnMode: returnMode,
            startsServices: failover.hooks.start != nil)
        let random = String(UInt32.random(in: 0 ... .max), radix: 16)
        name = "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier):\(random)"
        let nodes = [home.node, other.node]
        let lease: any SiteLease =
            if let etcd = failover.lease.etcd {
                EtcdLease(etcd, cluster: settings.cluster, holder: name)
            } else { NodeLease(cluster, nodes: nodes) }
        let dns = try settings.dns.map {
            try ProviderDNS($0, sites: settings.sites, verifyWithin: failover.limits.dnsVerify * 3 / 4)
        }
        let people = settings.notify.isEmpty ? nil : Notifier(settings.notify, logger: logger)
        self.people = people
        let health: (any SiteHealth)? =
            if let monitor { MonitoredHealth(monitor: monitor) } else {
                settings.health.map { ToldHealth(cluster, health: $0, logger: logger) }
            }
        // What waits for transactions must end before the step's time does, to say who they are.
        parts = SiteParts(
            nodes: DatabaseNodes(
                cluster, logger: logger, patience: failover.limits.node * 3 / 4,
                terminates: failover.terminatesSessions),
            journal: DatabaseJournal(cluster, nodes: nodes), lease: lease, dns: dns,
            files: JobFiles(cluster, between: [home.name, other.name], here: here, logger: logger),
            health: health, hooks: ProgramHooks(failover.hooks),
            notifier: people.map { OnceNotifier(PeopleNotifier(notifier: $0, cluster: settings.cluster)) })
    }

    /// Which site this machine is, where its addresses do not tell.
    public static var named: String? { ProcessInfo.processInfo.environment["SWITCHBACK_SITE"] }

    /// Waits until people have been told what there is to tell. Nothing is told afterwards.
    public func deliver() async { await people?.finish(within: .seconds(10)) }

    /// Who carries plans out.
    public func orchestrator(onProgress: @escaping @Sendable (RunProgress) -> Void = { _ in }) -> Orchestrator {
        Orchestrator(parts: parts, limits: limits, home: home, other: other, name: name, onProgress: onProgress)
    }

    /// What the daemon does about the site.
    public func watch(
        onProgress: @escaping @Sendable (RunProgress) -> Void, onEvent: @escaping @Sendable (Watch.Event) -> Void
    ) -> Watch {
        Watch(
            orchestrator: orchestrator(onProgress: onProgress),
            guardian: Guardian(parts: parts, limits: limits, home: home, other: other, name: name),
            autopilot: Autopilot(rules), parts: parts, onEvent: onEvent)
    }
}

extension PlanLimits {
    /// What the configuration says.
    ///
    /// - Parameter ttl: the longest for which names are remembered: nobody comes by an old address for less.
    public init(_ failover: FailoverSettings, ttl: Duration?) {
        let limits = failover.limits
        self.init(
            node: limits.node, lost: limits.lost, catchUp: limits.catchUp, drain: limits.drain, compare: limits.compare,
            hook: limits.hook, files: limits.files, dns: limits.dns, dnsVerify: limits.dnsVerify,
            linger: max(limits.linger, ttl ?? .zero),
            verify: limits.verify, budget: failover.freezeBudget, allowsUnfenced: failover.allowsUnfenced)
    }
}
