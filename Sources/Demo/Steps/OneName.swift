import Console
import DNSWire
import Failover
import Health
import Logging
import Model
import Replication
import Settings
import Sites

extension DemoStep {
    /// What people see: a name, and a page at either site. From here on the daemon watches over the site.
    static let oneName = DemoStep(title: "One name, two sites, and an eye on both") { stage in
        let nodes = try stage.nodes
        let site = nodes.site
        stage.background { try await site.keepPages() }
        guard let health = nodes.cluster.settings.health else { throw DemoError("no health checks are configured") }
        let quiet = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        let monitor = HealthMonitor(nodes.cluster, health: health, logger: quiet)
        stage.background { await monitor.run() }
        try await wait("the sites do not answer as they should") {
            await monitor.report.sites.allSatisfy { $0.verdict.state == .up }
        }
        let setup = try SiteSetup(nodes.cluster, logger: quiet, monitor: monitor)
        let watch = setup.watch { progress in
            PlanView.show(progress, on: stage.screen)
        } onEvent: { event in
            stage.news.change { $0.hear(event, now: .now) }
        }
        stage.use(setup)
        stage.background { try await watch.run() }

        let (address, text) = try await site.page()
        stage.figures.change { $0.failover.nameServer = site.names.title }
        stage.screen.say("\(NameService.name) is served by \(site.names.title), at \(site.names.address)")
        stage.screen.command("dig +short @\(site.names.address.host) -p \(site.names.address.port) \(NameService.name)")
        stage.screen.say(address)
        stage.screen.command("curl --resolve \(NameService.name):\(site.port):\(address) \(site.url)")
        stage.screen.say(text)
        stage.screen.note("both pages are looked at every half second; three failures in a row are a site that is down")
    }
}
