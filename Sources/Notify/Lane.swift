import Logging
import Settings

/// The events that wait for one receiver, and the task that delivers them, in their order.
final class Lane: Sendable {
    private let queue: AsyncStream<NotifyEvent>.Continuation
    private let worker: Task<Void, Never>
    private let name: String
    private let logger: Logger

    init(_ receiver: NotifySettings, _ delivery: any NotifyDelivery, logger: Logger, pause: Duration) {
        let (stream, queue) = AsyncStream.makeStream(
            of: NotifyEvent.self, bufferingPolicy: .bufferingNewest(Notifier.queueMax))
        self.queue = queue
        name = receiver.name
        self.logger = logger
        let attempts = Attempts(receiver: receiver, delivery: delivery, logger: logger, pause: pause)
        worker = Task { for await event in stream { await attempts.deliver(event) } }
    }

    deinit {
        queue.finish()
        worker.cancel()
    }

    func add(_ event: NotifyEvent) {
        if case .dropped(let oldest) = queue.yield(event) {
            logger.warning("notify \(name): too much waits, \"\(oldest.title)\" was dropped")
        }
    }

    func finish(within limit: Duration) async {
        queue.finish()
        let alarm = Task { [worker] in
            try await Task.sleep(for: limit)
            worker.cancel()
        }
        await worker.value
        alarm.cancel()
    }
}

/// Delivers one event after the other, each with a bounded number of attempts.
private struct Attempts: Sendable {
    let receiver: NotifySettings
    let delivery: any NotifyDelivery
    let logger: Logger
    let pause: Duration

    private static let pauseMax = Duration.seconds(60)

    func deliver(_ event: NotifyEvent) async {
        var pause = pause
        for attempt in 1...receiver.tries {
            guard !Task.isCancelled else { return giveUp(event, "this process ends") }
            do {
                try await delivery.deliver(event)
                return logger.debug("notify \(receiver.name): \"\(event.title)\" was delivered")
            } catch {
                guard error.isWorthAnother, attempt < receiver.tries else { return giveUp(event, error.reason) }
                logger.info("notify \(receiver.name): attempt \(attempt) of \(receiver.tries) failed: \(error.reason)")
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.pauseMax)
        }
    }

    private func giveUp(_ event: NotifyEvent, _ reason: String) {
        logger.warning("notify \(receiver.name): \"\(event.title)\" was not delivered: \(reason)")
    }
}
