import Synchronization

/// Tells people what is new: the same notice is told once, until another one comes or an hour has passed.
public final class OnceNotifier: SiteNotifier {
    private static let again = Duration.seconds(3600)
    private let notifier: any SiteNotifier
    private let last = Mutex<(notice: SiteNotice, at: ContinuousClock.Instant)?>(nil)

    public init(_ notifier: any SiteNotifier) { self.notifier = notifier }

    public func tell(_ notice: SiteNotice) async {
        let isNew = last.withLock { last in
            if let last, last.notice == notice, ContinuousClock.now - last.at < Self.again { return false }
            last = (notice, .now)
            return true
        }
        if isNew { await notifier.tell(notice) }
    }
}
