import Replication
import Synchronization

/// What streams said of why they wait.
final class ReasonBox: Sendable {
    private let reasons = Mutex<[String]>([])

    var all: [String] { reasons.withLock { $0 } }

    func take(_ event: StreamEvent) {
        if case .waiting(let why, _) = event { reasons.withLock { $0.append(why) } }
    }

    func contains(_ words: String) -> Bool { all.contains { $0.contains(words) } }
}
