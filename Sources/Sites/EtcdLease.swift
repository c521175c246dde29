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
    /// The token that is in use; nil before the first, and where none is wanted.
    private let token: Token

    private final class Token: Sendable {
        let value = Mutex<Secret?>(nil)
    }

    /// - Parameters:
    ///   - cluster: the configuration's name, so that several can share an etcd.
    ///   - holder: who takes it, for whoever finds it taken.
    public init(_ settings: EtcdSettings, cluster: String, holder: String) {
        self.settings = settings
        key = "switchback/\(cluster)/orchestrator"
        self.holder = holder
        token = Token()
        if case .token(let given) = settings.login { token.value.withLock { $0 = given } }
    }

    public var meaning: String {
        "a lease in etcd keeps orchestrators apart, also when they cannot see each other; without a majority of etcd nothing moves"
    }

    public func take() async throws -> any LeaseHold {
        let began = ContinuousClock.now
        let granted: Granted = try await post("lease/grant", ["TTL": String(Int(settings.ttl.inSeconds.rounded(.up)))])
        let hold = EtcdHold(lease: self, id: granted.id, renewed: began)
        let answer: Transaction = try await post("kv/txn", transaction(granted.id))
        guard answer.succeeded == true else {
            await hold.release()
            let value = answer.responses?.first?.range?.kvs?.first?.value
            let who = value.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
            throw StepFailure(
                "another orchestrator has the lease in etcd: \(who ?? "unknown")",
                hint: "it ends by itself when that one does; \"switchback journal\" shows what it is doing")
        }
        hold.keepAlive()
        return hold
    }

    /// Asks for the key without taking it: whether etcd answers, lets us in, and gives us the key.
    public func obstacle() async -> StepFailure? {
        do {
            let name = Data(key.utf8).base64EncodedString()
            _ = try await post("kv/range", TransactionRequest.Range(key: name)) as Empty
            return nil
        } catch { return error as? StepFailure ?? StepFailure("\(error)") }
    }

    /// Puts the key if it is not there, under the lease; otherwise tells who has it.
    private func transaction(_ id: String) -> TransactionRequest {
        let name = Data(key.utf8).base64EncodedString()
        return TransactionRequest(
            compare: [.init(key: name, target: "CREATE", createRevision: "0")],
            success: [
                .init(put: .init(key: name, value: Data(holder.utf8).base64EncodedString(), lease: id))
            ], failure: [.init(range: .init(key: name))])
    }

    func renew(_ id: String) async throws -> Bool {
        let answer: Renewed = try await post("lease/keepalive", ["ID": id])
        return Int(answer.result?.ttl ?? "0") ?? 0 > 0
    }

    func revoke(_ id: String) async { _ = try? await post("lease/revoke", ["ID": id]) as Empty }

    var ttl: Duration { settings.ttl }

    // MARK: - Requests

    private func post<Answer: Decodable>(_ path: String, _ body: some Encodable) async throws -> Answer {
        var failure = StepFailure("etcd was not asked")
        let bytes = Array(try JSONEncoder().encode(body))
        for endpoint in settings.endpoints {
            do {
                let answer = try await ask(endpoint, path, bytes)
                if answer.status == 200 { return try JSONDecoder().decode(Answer.self, from: Data(answer.body)) }
                if let refusal = refusal(answer, endpoint) { throw refusal }
                failure = StepFailure("etcd at \(endpoint) answers \(answer.status): \(answer.text.prefix(200))")
            } catch let error as HTTPError {
                failure = StepFailure("\(error)", isGone: true)
                if error.kind == .tls { failure = StepFailure("\(error)", hint: Self.certificateHint) }
            } catch is DecodingError {
                failure = StepFailure("\(endpoint) does not answer as etcd does")
            }
        }
        throw StepFailure(
            "could not reach etcd: \(failure.message)",
            hint: failure.hint ?? "failover.lease.etcd names who is asked; a majority has to run",
            isGone: failure.isGone)
    }

    private static let certificateHint =
        "its certificate must be for that name, by somebody whom failover.lease.ca_file or the system trusts"

    /// Asks with a token where one is wanted. One that is no longer taken is asked for anew, once: tokens end by themselves.
    private func ask(_ endpoint: String, _ path: String, _ body: [UInt8]) async throws -> HTTPResponse {
        let isFresh = token.value.withLock { $0 == nil }
        if isFresh, case .password(let user, let password) = settings.login {
            try await logIn(endpoint, user, password)
        }
        let answer = try await client.send(request(endpoint, path, body))
        guard answer.status == 401, !isFresh, case .password(let user, let password) = settings.login else {
            return answer
        }
        try await logIn(endpoint, user, password)
        return try await client.send(request(endpoint, path, body))
    }

    private func request(_ endpoint: String, _ path: String, _ body: [UInt8]) -> HTTPRequest {
        let url = endpoint + "/v3/" + path
        var headers = [(name: "Content-Type", value: "application/json")]
        if path != Self.logInPath, let token = token.value.withLock({ $0 }) {
            headers.append((name: "Authorization", value: token.value))
        }
        var request = HTTPRequest(
            "POST", url: url, shown: url, headers: headers, body: body,
            limit: max(settings.ttl / 3, .seconds(1)), connectLimit: .seconds(1))
        request.usesProxy = false
        request.caFile = settings.caFile
        return request
    }

    private static let logInPath = "auth/authenticate"

    private func logIn(_ endpoint: String, _ user: String, _ password: Secret) async throws {
        let body = Array(try JSONEncoder().encode(["name": user, "password": password.value]))
        let answer = try await client.send(request(endpoint, Self.logInPath, body))
        if let refusal = refusal(answer, endpoint) { throw refusal }
        guard answer.status == 200 else {
            throw StepFailure("etcd at \(endpoint) answers \(answer.status): \(answer.text.prefix(200))")
        }
        let given = try JSONDecoder().decode(LoggedIn.self, from: Data(answer.body)).token
        token.value.withLock { $0 = Secret(given) }
    }

    /// Why etcd does not let us in; nil when it does.
    private func refusal(_ answer: HTTPResponse, _ endpoint: String) -> StepFailure? {
        guard answer.status != 200 else { return nil }
        let said = (try? JSONDecoder().decode(Refused.self, from: Data(answer.body)))?.error ?? ""
        let who =
            switch settings.login {
            case .none: "without a user"
            case .password(let user, _): "as \(user)"
            case .token: "with the token of failover.lease.token"
            }
        func refused(_ what: String, _ hint: String) -> StepFailure {
            StepFailure("etcd at \(endpoint) \(what) \(who)", hint: hint)
        }
        if said.contains("authentication is not enabled") {
            return refused("wants nobody's name, and was asked", "take user and password out of failover.lease")
        }
        if said.contains("permission denied") {
            return refused(
                "forbids the key \(key)", "grant it: etcdctl role grant-permission ROLE readwrite \(key)")
        }
        if answer.status == 401 || said.contains("authentication failed") || said.contains("user name is empty")
            || said.contains("invalid auth token")
        {
            return refused("lets nobody in", "mend failover.lease.user and .password, or .token")
        }
        return nil
    }

    // The gateway's JSON: numbers of 64 bits are texts.
    private struct Granted: Decodable {
        let id: String
        private enum CodingKeys: String, CodingKey { case id = "ID" }
    }
    private struct Renewed: Decodable {
        struct Result: Decodable {
            let ttl: String?
            private enum CodingKeys: String, CodingKey { case ttl = "TTL" }
        }
        let result: Result?
    }
    private struct Empty: Decodable {}
    private struct LoggedIn: Decodable { let token: String }
    private struct Refused: Decodable { let error: String? }
    private struct Transaction: Decodable {
        struct Response: Decodable {
            let range: Range?
            private enum CodingKeys: String, CodingKey { case range = "response_range" }
        }
        struct Range: Decodable { let kvs: [Pair]? }
        struct Pair: Decodable { let value: String? }
        let succeeded: Bool?
        let responses: [Response]?
    }
    private struct TransactionRequest: Encodable {
        struct Compare: Encodable {
            let key: String
            let target: String
            let createRevision: String
            private enum CodingKeys: String, CodingKey {
                case key, target
                case createRevision = "create_revision"
            }
        }
        struct Put: Encodable {
            let key: String
            let value: String
            let lease: String
        }
        struct Range: Encodable { let key: String }
        struct Success: Encodable {
            let put: Put
            private enum CodingKeys: String, CodingKey { case put = "request_put" }
        }
        struct Failure: Encodable {
            let range: Range
            private enum CodingKeys: String, CodingKey { case range = "request_range" }
        }
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

    func isHeld() async -> Bool { await answer() == .held }

    /// It is held when it holds for a third of its time at least: what is begun now is to end under it. What etcd has not renewed
    /// by then may be ours still, or somebody else's in a while.
    func answer() async -> LeaseAnswer {
        let ttl = lease.ttl
        return state.withLock { state in
            if state.isOver { return .lost }
            return ContinuousClock.now - state.renewed < ttl * 2 / 3 ? .held : .silent
        }
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
