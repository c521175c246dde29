import Model

/// Signing messages and proving who signed them (RFC 8945).
///
/// A signature covers what came before it in an exchange: an answer cannot be taken from another one.
public struct TSIG: Sendable {
    public let key: TSIGKey
    /// How far the clocks of both may differ.
    public static let fudgeSeconds: UInt16 = 300

    public init(_ key: TSIGKey) { self.key = key }

    /// A message with its signature.
    public struct Signed: Sendable {
        public let bytes: [UInt8]
        /// The signature, which the answer's covers.
        public let signature: [UInt8]
    }

    /// Why an answer's signature proves nothing.
    public enum Failure: Error, Hashable {
        /// There is none.
        case isMissing
        /// It is of another key or algorithm.
        case isOfAnotherKey
        /// It does not fit the message.
        case isWrong
        /// Its time is too far from ours: the server's, in seconds since 1970.
        case isOutOfTime(serverSeconds: UInt64)
        /// The server did not accept ours: the code, and, where it is the time, the server's in seconds since 1970.
        case wasRefused(ResponseCode, serverSeconds: UInt64?)
        case isNoMessage(WireError)
    }

    /// Signs a message.
    ///
    /// - Parameter seconds: the time, since 1970.
    public func sign(_ message: DNSMessage, at seconds: UInt64, after request: [UInt8]? = nil) -> Signed {
        let bytes = message.bytes
        let variables = variables(seconds, Self.fudgeSeconds, error: 0, other: [])
        let signature = key.algorithm.hash.authenticate(
            Self.prefix(request) + bytes + variables, key: key.secret)
        var signed = message
        signed.additional.append(record(seconds, signature, id: message.id, error: 0, other: []))
        return Signed(bytes: signed.bytes, signature: signature)
    }

    /// Proves that a message comes from whoever holds the key and belongs to a request.
    ///
    /// - Parameters:
    ///   - request: the request's signature; nil for a request itself.
    ///   - seconds: the time, since 1970.
    /// - Returns: the message without its signature.
    @discardableResult
    public func verify(
        _ bytes: [UInt8], after request: [UInt8]?, at seconds: UInt64
    ) throws(Failure) -> DNSMessage {
        var reader = WireReader(bytes)
        var message: DNSMessage
        do { message = try reader.message() } catch { throw .isNoMessage(error) }
        guard let record = message.additional.last, record.type == RecordType.tsig else { throw .isMissing }
        let fields: Fields
        do { fields = try Fields(record.data) } catch { throw .isNoMessage(error) }
        let code = ResponseCode(number: fields.error)
        // A server that cannot or may not sign says so without a signature (RFC 8945 §5.3.2).
        if code == .badKey || code == .badSignature { throw .wasRefused(code, serverSeconds: nil) }
        guard record.name == key.name, fields.algorithm == key.algorithm.name else { throw .isOfAnotherKey }
        message.additional.removeLast()
        message.id = fields.originalID
        var plain = Array(bytes[..<reader.lastResourceAt])
        plain.replaceSubrange(0..<2, with: [UInt8(fields.originalID >> 8), UInt8(fields.originalID & 0xFF)])
        let count = UInt16(message.additional.count)
        plain.replaceSubrange(10..<12, with: [UInt8(count >> 8), UInt8(count & 0xFF)])
        let expected = key.algorithm.hash.authenticate(
            Self.prefix(request) + plain
                + variables(fields.seconds, fields.fudge, error: fields.error, other: fields.other),
            key: key.secret)
        guard SHA2.areEqual(expected, fields.signature) else { throw .isWrong }
        if code == .badTime { throw .wasRefused(code, serverSeconds: Self.time(fields.other)) }
        guard fields.error == 0 else { throw .wasRefused(code, serverSeconds: nil) }
        let (late, early) = (max(seconds, fields.seconds), min(seconds, fields.seconds))
        guard late - early <= UInt64(Self.fudgeSeconds) else { throw .isOutOfTime(serverSeconds: fields.seconds) }
        return message
    }

    // MARK: The record

    private struct Fields {
        let algorithm: DNSName
        let seconds: UInt64
        let fudge: UInt16
        let signature: [UInt8]
        let originalID: UInt16
        let error: UInt16
        let other: [UInt8]

        init(_ data: [UInt8]) throws(WireError) {
            var reader = WireReader(data)
            algorithm = try reader.name()
            seconds = UInt64(try reader.number16()) << 32 | UInt64(try reader.number32())
            fudge = try reader.number16()
            signature = try reader.raw(Int(try reader.number16()), before: data.count)
            originalID = try reader.number16()
            error = try reader.number16()
            other = try reader.raw(Int(try reader.number16()), before: data.count)
        }
    }

    private static func time(_ other: [UInt8]) -> UInt64? {
        other.count == 6 ? other.reduce(0) { $0 << 8 | UInt64($1) } : nil
    }

    private static func prefix(_ request: [UInt8]?) -> [UInt8] {
        guard let request else { return [] }
        return [UInt8(request.count >> 8), UInt8(request.count & 0xFF)] + request
    }

    /// What a signature covers besides the message (RFC 8945 §4.3.3).
    private func variables(_ seconds: UInt64, _ fudge: UInt16, error: UInt16, other: [UInt8]) -> [UInt8] {
        var bytes = key.name.wire
        bytes.append(big: RecordClass.any)
        bytes.append(big: UInt32(0))
        bytes += key.algorithm.name.wire
        bytes += Self.time48(seconds)
        bytes.append(big: fudge)
        bytes.append(big: error)
        bytes.append(big: UInt16(other.count))
        return bytes + other
    }

    private func record(
        _ seconds: UInt64, _ signature: [UInt8], id: UInt16, error: UInt16, other: [UInt8]
    ) -> DNSMessage.Resource {
        var data = key.algorithm.name.wire + Self.time48(seconds)
        data.append(big: Self.fudgeSeconds)
        data.append(big: UInt16(signature.count))
        data += signature
        data.append(big: id)
        data.append(big: error)
        data.append(big: UInt16(other.count))
        return .init(
            key.name, type: RecordType.tsig, recordClass: RecordClass.any, ttl: 0, data: data + other)
    }

    private static func time48(_ seconds: UInt64) -> [UInt8] {
        (0..<6).reversed().map { UInt8(truncatingIfNeeded: seconds >> ($0 * 8)) }
    }
}
