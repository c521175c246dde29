import Glibc
public import Model

/// Asks name servers, and sends them updates.
public struct DNSClient: Sendable {
    /// How long one question may take, over UDP and TCP together.
    public let limit: Duration
    /// How far this machine's clock is taken to be ahead of what it says: a test's clock that is off.
    let clockAhead: Duration

    public init(limit: Duration) { self.init(limit: limit, clockAhead: .zero) }

    init(limit: Duration, clockAhead: Duration) {
        self.limit = limit
        self.clockAhead = clockAhead
    }

    /// Asks a server.
    ///
    /// - Parameters:
    ///   - wantsRecursion: whether it is to ask others; an authoritative server is asked without.
    ///   - key: signs the question; the answer must be signed with it too.
    /// - Throws: ``DNSClientError``. A code that says no is an answer.
    public func ask(
        _ name: DNSName, _ type: DNSType, at server: ServerAddress, wantsRecursion: Bool = false, key: TSIGKey? = nil
    ) async throws(DNSClientError) -> DNSMessage {
        guard let number = RecordType.number(of: type) else {
            throw DNSClientError(server, .isBad("the question cannot be asked: \(type) is no type of DNS"))
        }
        let question = DNSMessage(
            id: UInt16.random(in: 0 ... .max), flags: .init(opcode: .query, wantsRecursion: wantsRecursion),
            questions: [.init(name, type: number)])
        let answer = try await exchange(question, .udp, server, key)
        // What does not fit into a datagram is asked for again over a connection.
        return answer.flags.isTruncated ? try await exchange(question, .tcp, server, key) : answer
    }

    /// Sends an update. It goes over a connection, once: a datagram that is sent again could be carried out twice.
    ///
    /// - Throws: ``DNSClientError``. A code that says no is an answer.
    public func send(
        _ update: DNSMessage, to server: ServerAddress, key: TSIGKey?
    ) async throws(DNSClientError) -> DNSMessage {
        try await exchange(update, .tcp, server, key)
    }

    private func exchange(
        _ message: DNSMessage, _ transport: Exchange.Transport, _ server: ServerAddress, _ key: TSIGKey?
    ) async throws(DNSClientError) -> DNSMessage {
        let signer = key.map(TSIG.init)
        let signed = signer?.sign(message, at: seconds)
        let exchange = Exchange(
            message: signed?.bytes ?? message.bytes, server: server, transport: transport, limit: limit)
        let result = await OwnThread.run("dns", limit: limit + .milliseconds(200), late: .failure(.hasNoAnswer)) {
            exchange.run { Self.isAnswer($0, to: message) }
        }
        let bytes: [UInt8]
        switch result {
        case .success(let answer): bytes = answer
        case .failure(let failure): throw DNSClientError(server, failure, limit: limit)
        }
        let answer: DNSMessage
        do { answer = try DNSMessage(bytes: bytes) } catch {
            throw DNSClientError(server, .isBad("its answer \(error)"))
        }
        guard let signer, let signed else { return answer }
        do throws(TSIG.Failure) { return try signer.verify(bytes, after: signed.signature, at: seconds) } catch {
            // A refusal that is not signed changes nothing, whoever sent it; only a success has to be proved.
            if error == .isMissing, answer.flags.responseCode != .noError { return answer }
            throw DNSClientError(server, .isUnproved(error, signer.key))
        }
    }

    /// Whether bytes answer a message: its number, its kind, its question. A message that is damaged counts, so that it is
    /// told as such, if it has the number; whoever guesses numbers has one chance in 65536.
    static func isAnswer(_ bytes: [UInt8], to message: DNSMessage) -> Bool {
        guard bytes.count >= 12, UInt16(bytes[0]) << 8 | UInt16(bytes[1]) == message.id, bytes[2] & 0x80 != 0 else {
            return false
        }
        guard let answer = try? DNSMessage(bytes: bytes) else { return true }
        // Servers may leave the question out of a refusal.
        return answer.flags.opcodeNumber == message.flags.opcodeNumber
            && (answer.questions == message.questions
                || answer.questions.isEmpty && answer.flags.responseCode != .noError)
    }

    private var seconds: UInt64 { UInt64(max(0, time(nil) + Int(clockAhead.components.seconds))) }
}

/// A name server could not be asked, or what it said cannot be used.
public struct DNSClientError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Nothing can have arrived.
        case isUnreachable
        /// It may have arrived and been carried out.
        case hasNoAnswer
        /// The answer proves nothing: the signature.
        case isUnproved(TSIG.Failure, TSIGKey)
        case isBad(String)
    }

    public let server: ServerAddress
    public let kind: Kind
    /// What happened, going on from the server: `does not answer within 3 s`.
    public let message: String

    init(_ server: ServerAddress, _ kind: Kind) {
        (self.server, self.kind) = (server, kind)
        switch kind {
        case .isUnreachable: message = "cannot be reached"
        case .hasNoAnswer: message = "does not answer"
        case .isUnproved(let failure, let key): message = failure.message(key)
        case .isBad(let reason): message = "cannot be understood: \(reason)"
        }
    }

    init(_ server: ServerAddress, _ failure: Exchange.Failure, limit: Duration) {
        self.server = server
        switch failure {
        case .isUnresolvable(let reason): (kind, message) = (.isUnreachable, "has no address: \(reason)")
        case .isUnreachable(let reason): (kind, message) = (.isUnreachable, "cannot be reached: \(reason)")
        case .hasNoAnswer: (kind, message) = (.hasNoAnswer, "does not answer within \(limit)")
        case .wasCutOff(let reason):
            (kind, message) = (.hasNoAnswer, "ended the connection without an answer: \(reason)")
        }
    }

    public var description: String { "name server \(server) \(message)" }
}

extension TSIG.Failure {
    /// What happened, going on from the server.
    func message(_ key: TSIGKey) -> String {
        switch self {
        case .isMissing: "answered without a signature, though it was asked with key \(key)"
        case .isOfAnotherKey: "answered with another key than \(key)"
        case .isWrong: "signed its answer with another secret than key \(key) has here"
        case .isOutOfTime(let seconds):
            "signed its answer at \(seconds) s since 1970, more than \(TSIG.fudgeSeconds) s from this machine's time"
        case .wasRefused(.badKey, _): "does not know key \(key)"
        case .wasRefused(.badSignature, _): "has another secret for key \(key)"
        case .wasRefused(.badTime, let seconds):
            "refuses the signature's time"
                + (seconds.map { ": its clock says \($0) s since 1970, this machine's differs by more than 300 s" }
                    ?? "")
        case .wasRefused(let code, _): "refuses the signature with \(code)"
        case .isNoMessage(let error): "cannot be understood: its answer \(error)"
        }
    }
}
