import LocalCluster
import Replication
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
    /// Rows that the stream has carried since it began.
    let carried = Shared(0)
    /// The last reason that the stream gave for not moving; nil while it moves.
    let waiting = Shared<StreamReason?>(nil)

    private let made = Mutex<[LocalCluster]>([])
    private let configured = Mutex<DemoNodes?>(nil)
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

    func use(_ nodes: DemoNodes) { configured.withLock { $0 = nodes } }

    /// Leaves something running until the demo ends; when it fails, so does the demo.
    func background(_ job: @escaping @Sendable () async throws -> Void) { jobs.continuation.yield(job) }

    /// Runs what the steps leave in the background, until the task is cancelled.
    func runBackground() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await job in jobs.stream { group.addTask { try await job() } }
        }
    }

    /// Ends the clusters and removes their folders, also when the task was cancelled.
    func destroy() async {
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
