import Foundation
import HTTP
public import Logging
public import Settings

/// Tells people and programs what happens. Nothing waits for it: what is sent is put into a queue for each receiver, and
/// delivered by tasks of their own.
///
/// A delivery that fails is tried again, a bounded number of times, and then given up with a line in the log. A receiver
/// that is slow delays only itself; when more than ``queueMax`` events wait for it, the oldest go.
public final class Notifier: Sendable {
    /// How many events wait for one receiver at most.
    public static let queueMax = 200

    private let lanes: [Lane]

    /// - Parameters:
    ///   - receivers: who is told.
    ///   - logger: told of deliveries that fail. Never of a secret.
    ///   - pause: how long is waited after the first failure; twice as long after each one more, a minute at most.
    public init(_ receivers: [NotifySettings], logger: Logger, pause: Duration = .seconds(1)) {
        let client = HTTPClient()
        lanes = receivers.map { Lane($0, Self.delivery($0, client), logger: logger, pause: pause) }
    }

    /// Sends an event to everybody. Returns at once.
    public func send(_ event: NotifyEvent) { for lane in lanes { lane.add(event) } }

    /// Sends nothing more, and waits until everything that was sent is delivered or given up.
    ///
    /// - Parameter limit: how long to wait; what is left then is given up.
    public func finish(within limit: Duration) async {
        await withDiscardingTaskGroup { group in
            for lane in lanes { group.addTask { await lane.finish(within: limit) } }
        }
    }

    private static func delivery(_ receiver: NotifySettings, _ client: HTTPClient) -> any NotifyDelivery {
        switch receiver.kind {
        case .webhook(let webhook): Webhook(settings: webhook, timeout: receiver.timeout, client: client)
        case .email(let email): Email(settings: email, timeout: receiver.timeout, client: client)
        case .exec(let program): Execution(settings: program, timeout: receiver.timeout)
        }
    }
}

/// A way to tell somebody: a plug-in of notification.
protocol NotifyDelivery: Sendable {
    /// Makes one attempt.
    func deliver(_ event: NotifyEvent) async throws(DeliveryFailed)
}

/// An attempt failed.
struct DeliveryFailed: Error {
    /// Why, without secrets.
    let reason: String
    /// Whether another attempt may go better.
    let isWorthAnother: Bool
}
