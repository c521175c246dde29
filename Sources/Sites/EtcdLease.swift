public import Failover
import Foundation
import HTTP
public import Settings
import Synchronization

/// The right to run plans, as a key in etcd that goes when nobody renews it: two orchestrators that cannot see each other are
/// kept apart by those who can see the majority of etcd. Spoken with its HTTP gateway (`/v3`, JSON, keys and values in base64).
public struct EtcdLease: SiteLease {
    let settings: EtcdSettings
    let key: String
    let holder: String
    let client = HTTPClient()

    /// - Parameters:
    ///   - cluster: the configuration's name, so that several can share an etcd.
    ///   - holder: who takes it, for whoever finds it taken.
    public init(_ settings: EtcdSettings, cluster: String, holder: String) {
        self.settings = settings
        key = "switchback/\(cluster)/orchestrator"
        self.holder = holder
    }

    public var meaning: String {
        "a lease in etcd keeps orchestrators apart, also when they cannot see each other; without a majority of etcd nothing moves"
    }

    public func take() async throws -> any LeaseHold {
        let began = ContinuousClock.now
        let granted: Granted = try await post("lease/grant", ["TTL": String(Int(settings.ttl.inSeconds.rounded(.up)))])
        let hold = EtcdHold(lease: self, id: granted.ID, renewed: began)
        let answer: Transaction = try await post("kv/txn", transaction(granted.ID))
        guard answer.succeeded == true else {
            await hold.release()
            let value = answer.responses?.first?.response_range?.kvs?.first?.value
            let who = value.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
            throw StepFailure(
                "another orchestrator has the lease in etcd: \(who ?? "unknown")",
                hint: "it ends by itself when that one does; \"switchback journal\" shows what it is doing")
        }
        hold.keepAlive()
        return hold
    }

    /// Puts the key if it is not there, under the lease; otherwise tells who has it.
    private func transaction(_ id: String) -> TransactionRequest {
        let name = Data(key.utf8).base64EncodedString()
        return TransactionRequest(
            compare: [.init(key: name, target: "CREATE", create_revision: "0")],
            success: [
                .init(request_put: .init(key: name, value: Data(holder.utf8).base64EncodedString(), lease: id))
            ], failure: [.init(request_range: .init(key: name))])
    }

    func renew(_ id: String) async throws -> Bool {
        let answer: Renewed = try await post("lease/keepalive", ["ID": id])
        return Int(answer.result?.TTL ?? "0") ?? 0 > 0
    }

    func revoke(_ id: String) async { _ = try? await post("lease/revoke", ["ID": id]) as Empty }

    var ttl: Duration { settings.ttl }

    // MARK: - Requests

    private func post<Answer: Decodable>(_ path: String, _ body: some Encodable) async throws -> Answer {
        var failure = StepFailure("etcd was not asked")
        let bytes = Array(try JSONEncoder().encode(body))
        for endpoint in settings.endpoints {
            let url = endpoint + "/v3/" + path
            var request = HTTPRequest(
                "POST", url: url, shown: url, headers: [("Content-Type", "application/json")], body: bytes,
                limit: max(settings.ttl / 3, .seconds(1)), connectLimit: .seconds(1))
            request.usesProxy = false
            do {
                let answer = try await client.send(request)
                if answer.status == 200 { return try JSONDecoder().decode(Answer.self, from: Data(answer.body)) }
                failure = StepFailure("etcd at \(endpoint) answers \(answer.status): \(answer.text.prefix(200))")
            } catch let error as HTTPError {
                failure = StepFailure("\(error)", isGone: true)
            } catch is DecodingError {
                failure = StepFailure("\(endpoint) does not answer as etcd does")
            }
        }
        throw StepFailure(
            "could not reach etcd: \(failure.message)",
            hint: "failover.lease.etcd names who is asked; a majority has to run",
            isGone: failure.isGone)
    }

    // The gateway's JSON: numbers of 64 bits are texts.
    private struct Granted: Decodable { let ID: String }
    private struct Renewed: Decodable {
        struct Result: Decodable { let TTL: String? }
        let result: Result?
    }
    private struct Empty: Decodable {}
    private struct Transaction: Decodable {
        struct Response: Decodable { let response_range: Range? }
        struct Range: Decodable { let kvs: [Pair]? }
        struct Pair: Decodable { let value: String? }
        let succeeded: Bool?
        let responses: [Response]?
    }
    private struct TransactionRequest: Encodable {
        struct Compare: Encodable {
            let key: String
            let target: String
            let create_revision: String
        }
        struct Put: Encodable {
            let key: String
            let value: String
            let lease: String
        }
        struct Range: Encodable { let key: String }
        struct Success: Encodable { let request_put: Put }
        struct Failure: Encodable { let request_range: Range }
        let compare: [Compare]
        let success: [Success]
        let failure: [Failure]
    }
}

/// A lease in etcd that is renewed until it is released.
final class EtcdHold: LeaseHold {
    private let lease: EtcdLease
    private let id: String
    private let state: Mutex<State>

    private struct State {
        /// When the renewal was asked for that was granted last: from then on it holds for its time.
        var renewed: ContinuousClock.Instant
        var isOver = false
        var renewal: Task<Void, Never>?
    }

    init(lease: EtcdLease, id: String, renewed: ContinuousClock.Instant) {
        self.lease = lease
        self.id = id
        state = Mutex(State(renewed: renewed))
    }

    deinit { state.withLock { $0.renewal?.cancel() } }

    /// Renews it three times in its time.
    func keepAlive() {
        let (lease, id) = (lease, id)
        let task = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: lease.ttl / 3)
                let began = ContinuousClock.now
                guard let isAlive = try? await lease.renew(id) else { continue }
                guard let self else { return }
                state.withLock { state in
                    if isAlive { state.renewed = began } else { state.isOver = true }
                }
                if !isAlive { return }
            }
        }
        state.withLock { $0.renewal = task }
    }

    /// Whether it holds for a third of its time at least: what is begun now is to end under it.
    func isHeld() async -> Bool {
        let ttl = lease.ttl
        return state.withLock { !$0.isOver && ContinuousClock.now - $0.renewed < ttl * 2 / 3 }
    }

    func release() async {
        let task = state.withLock { state in
            state.isOver = true
            return state.renewal
        }
        task?.cancel()
        await lease.revoke(id)
    }
}
