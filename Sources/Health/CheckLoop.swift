import Model
import Settings
import Synchronization

/// Takes the looks of one check: one at a time, each within its limit, and judges silences.
final class CheckLoop: Sendable {
    let check: HealthCheck
    private let probe: any HealthProbe
    private let isLocal: Bool
    private let witnesses: Witnesses
    private let grace: Duration
    /// A look that did not end in its time, and may still be at work.
    private let isBusy = Mutex(false)

    /// - Parameter grace: how long a look that does not heed its limit is waited for beyond it. Programs get two seconds to
    ///   end.
    init(
        _ check: HealthCheck, _ probe: any HealthProbe, isLocal: Bool, witnesses: Witnesses,
        grace: Duration = .seconds(4)
    ) {
        self.check = check
        self.grace = grace
        self.probe = probe
        self.isLocal = isLocal
        self.witnesses = witnesses
    }

    /// How long witnesses get to answer.
    private static let witnessLimit = Duration.seconds(2)

    /// Takes one look.
    func look() async -> CheckResult {
        guard
            isBusy.withLock({ busy in
                defer { busy = true }
                return !busy
            })
        else { return CheckResult(.unknown, "the look of before has not ended yet") }
        let (finding, task) = await withinLimit(check.timeout + grace) { [probe] in await probe.look() }
        guard let finding else {
            // It stays busy until that one ends: looks that hang do not pile up.
            Task { [self] in
                _ = await task.value
                isBusy.withLock { $0 = false }
            }
            return CheckResult(.unknown, "the look did not end within \(check.timeout)")
        }
        isBusy.withLock { $0 = false }
        guard case .silence = finding else { return finding.judged(others: nil) }
        if isLocal { return finding.judged(others: .answer("this machine itself")) }
        return finding.judged(others: await witnesses.ask(without: check.subject, limit: Self.witnessLimit))
    }
}
