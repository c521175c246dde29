import DNSProviders
import Model
import Synchronization
import TestSupport

/// A provider that holds a zone in memory and fails as a test says.
final class MemoryProvider: DNSProviding {
    /// What goes wrong in a change.
    enum Fault: Sendable, CaseIterable {
        case none
        /// It says that it was done, and does nothing.
        case lies
        /// It does the first change only, and says that it was done.
        case half
        /// It does the first change only, and says that it failed.
        case halfFailing
        /// It does nothing, and nobody hears of it.
        case lost
        /// It does everything, and nobody hears of it.
        case unheard
        /// It refuses.
        case refuses
        /// Everything is done, and then somebody else changes one of the records.
        case overwritten
    }

    private struct State {
        var view: DNSZoneView
        var fault = Fault.none
        var isSilent = false
        var falls = false
        var applied = 0
        var asked = 0
        var before: DNSZoneView
    }

    let zone = NameServer.zone
    let title = "the memory"
    let ttlSecondsRange = 1...100_000
    let manualPlace = DNSManualPlace(steps: ["remember"])
    private let state: Mutex<State>

    init(_ sets: [DNSRecordSet]) {
        let view = DNSZoneView(zone: NameServer.zone, names: [NameServer.zone, NameServer.www], sets: sets)
        state = Mutex(State(view: view, before: view))
    }

    /// The next change meets this.
    func meet(_ fault: Fault) { state.withLock { $0.fault = fault } }

    /// Whether it answers at all.
    func answers(_ answers: Bool) { state.withLock { $0.isSilent = !answers } }

    /// From the next change on it does not answer.
    func fallsSilent() { state.withLock { $0.falls = true } }

    func change(_ changes: [DNSChange]) { state.withLock { $0.view = $0.view.after(changes) } }

    var sets: [DNSRecordSet] { state.withLock { $0.view.sets } }
    var applied: Int { state.withLock { $0.applied } }

    /// What name servers answer that are late: as it was before the last change, until they were asked so often.
    func heardByServers(after count: Int) -> [DNSRecordSet] {
        state.withLock {
            $0.asked += 1
            return $0.asked > count * 2 ? $0.view.sets : $0.before.sets
        }
    }

    private static let silence = DNSError(.unreachable, "the memory is silent", hint: "wake it")

    func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView {
        let view = state.withLock { $0.isSilent ? nil : $0.view }
        guard let view else { throw Self.silence }
        return DNSZoneView(zone: zone, names: names, sets: view.sets)
    }

    func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError) {
        let error: DNSError? = state.withLock { state in
            state.applied += 1
            state.before = state.view
            defer {
                state.fault = .none
                if state.falls { state.isSilent = true }
            }
            let unknown = DNSError(.noAnswer, "the memory did not answer", hint: "look")
            switch state.fault {
            case .none: state.view = state.view.after(plan.changes)
            case .lies: break
            case .half: state.view = state.view.after(Array(plan.changes.prefix(1)))
            case .halfFailing:
                state.view = state.view.after(Array(plan.changes.prefix(1)))
                return unknown
            case .lost: return unknown
            case .unheard:
                state.view = state.view.after(plan.changes)
                return unknown
            case .refuses: return DNSError(.refused, "the memory will not; nothing was done", hint: "ask nicely")
            case .overwritten:
                state.view = state.view.after(plan.changes)
                let key = plan.changes[0].key
                let other = DNSRecordSet(
                    key.name, key.type, ttlSeconds: 60,
                    values: key.type == .a ? ["203.0.113.7"] : ["other.example.com"])
                state.view = state.view.after([DNSChange(from: state.view[key], to: other)].compactMap { $0 })
            }
            return nil
        }
        if let error { throw error }
    }
}
