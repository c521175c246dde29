import LocalCluster
import Replication
import Sites
import Synchronization

/// What the steps of a demo share: the clusters once they are there, what runs in the background, the figures.
final class DemoStage: Sendable {
    let options: Demo.Options
    let installation: PostgresInstallation
    let place: DemoPlace
    let screen: DemoScreen
    let figures = Shared(DemoReport())
    let canary = Canary()
    let books = Books()
    /// What all writers were told is committed.
    let ledger = Shared(Ledger())
    /// Whether canary and books are still looked at: not once the site moves.
    let isWatched = Shared(true)
    /// What the daemon's watch over the site has told.
    let news = Shared(SiteNews())
    /// Rows that the stream has carried since it began.
    let carried = Shared(0)
    /// The last reason that the stream gave for not moving; nil while it moves.
    let waiting = Shared<StreamReason?>(nil)

    private let made = Mutex<[LocalCluster]>([])
    private let opened = Mutex<[TheSite]>([])
    private let configured = Mutex<DemoNodes?>(nil)
    private let working = Mutex<[Visitors]>([])
    private let keeping = Mutex<SiteSetup?>(nil)
    private let jobs = AsyncStream<Job>.makeStream()

    private typealias Job = @Sendable () async throws -> Void

    init(options: Demo.Options, installation: PostgresInstallation, place: DemoPlace, screen: DemoScreen) {
        self.options = options
        self.installation = installation
        self.place = place
        self.screen = screen
    }

    /// The two clusters, once a step has made them.
    var nodes: DemoNodes {
        get throws {
            guard let nodes = configured.withLock({ $0 }) else { throw DemoError("the clusters were not made yet") }
            return nodes
        }
    }

    /// Starts a cluster that is destroyed at the end, whatever happens.
    func cluster(_ name: String) async throws -> LocalCluster {
        let cluster = try await LocalCluster.start(
            installation: installation, name: name, folder: place.folder, settings: DemoNodes.serverSettings)
        made.withLock { $0.append(cluster) }
        return cluster
    }

    /// Opens the site that the clusters are behind; it is closed at the end, whatever happens.
    func open(_ clusters: [LocalCluster]) async throws -> TheSite {
        let pages = try PageServer.start(at: TheSite.addresses)
        do {
            let names = try await NameService.start(
                in: place.folder, within: clusters[clusters.count - 1].folder, leadingTo: TheSite.addresses[0])
            let site = TheSite(clusters: clusters, names: names, pages: pages)
            opened.withLock { $0.append(site) }
            return site
        } catch {
            for page in pages { page.stop() }
            throw error
        }
    }

    /// Has people go where the name leads, from one step to the next.
    func welcome(_ visitors: Visitors) {
        working.withLock { $0.append(visitors) }
        background { try await visitors.run() }
    }

    /// Has them finish what they have begun, and waits for that.
    func sendHome() async throws {
        for visitors in working.withLock({ $0 }) { try await visitors.end() }
    }

    /// What plans are carried out with.
    var setup: SiteSetup {
        get throws {
            guard let setup = keeping.withLock({ $0 }) else { throw DemoError("nobody watches over the site yet") }
            return setup
        }
    }

    func use(_ setup: SiteSetup) { keeping.withLock { $0 = setup } }

    func use(_ nodes: DemoNodes) { configured.withLock { $0 = nodes } }

    /// Leaves something running until the demo ends; when it fails, so does the demo.
    func background(_ job: @escaping @Sendable () async throws -> Void) { jobs.continuation.yield(job) }

    /// Runs what the steps leave in the background, until the task is cancelled.
    func runBackground() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await job in jobs.stream { group.addTask { try await job() } }
        }
    }

    /// Ends the site and the clusters, and removes their folders, also when the task was cancelled.
    func destroy() async {
        for site in opened.withLock({ $0 }) { await site.stop() }
        configured.withLock { $0 }?.line.stop()
        let clusters = made.withLock { clusters in
            defer { clusters = [] }
            return clusters
        }
        for cluster in clusters { await cluster.destroy() }
    }
}

/// Why the stream does not move, and what would mend it.
struct StreamReason: Sendable, Equatable {
    let reason: String
    let hint: String?
}

/// A value that several tasks look at and change.
final class Shared<Value: Sendable>: Sendable {
    private let stored: Mutex<Value>

    init(_ value: Value) { stored = Mutex(value) }

    var value: Value { stored.withLock { $0 } }

    func change<R: Sendable>(_ body: (inout Value) -> R) -> R {
        stored.withLock { stored in
            var value = stored
            let result = body(&value)
            stored = value
            return result
        }
    }
}
