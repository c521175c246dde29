public import Model

/// A DNS message (RFC 1035 §4) as a value. In an update (RFC 2136) the sections are called zone, prerequisite, update and
/// additional.
public struct DNSMessage: Sendable, Hashable {
    public var id: UInt16
    public var flags: Flags
    public var questions: [Question]
    public var answers: [Resource]
    public var authority: [Resource]
    public var additional: [Resource]

    public init(
        id: UInt16, flags: Flags = Flags(), questions: [Question] = [], answers: [Resource] = [],
        authority: [Resource] = [], additional: [Resource] = []
    ) {
        (self.id, self.flags, self.questions) = (id, flags, questions)
        (self.answers, self.authority, self.additional) = (answers, authority, additional)
    }

    /// The second sixteen bits.
    public struct Flags: Sendable, Hashable {
        public var bits: UInt16

        public init(bits: UInt16 = 0) { self.bits = bits }

        public init(opcode: Opcode, wantsRecursion: Bool = false) {
            bits = UInt16(opcode.rawValue) << 11 | (wantsRecursion ? 0x0100 : 0)
        }

        public var isResponse: Bool { bits & 0x8000 != 0 }
        public var opcodeNumber: UInt8 { UInt8(bits >> 11 & 0xF) }
        /// The server answers for the zone, and not from what it heard.
        public var isAuthoritative: Bool { bits & 0x0400 != 0 }
        public var isTruncated: Bool { bits & 0x0200 != 0 }
        public var responseCode: ResponseCode { ResponseCode(number: bits & 0xF) }
    }

    public enum Opcode: UInt8, Sendable {
        case query = 0
        case update = 5
    }

    public struct Question: Sendable, Hashable {
        public var name: DNSName
        public var type: UInt16
        public var recordClass: UInt16

        public init(_ name: DNSName, type: UInt16, recordClass: UInt16 = RecordClass.internet) {
            (self.name, self.type, self.recordClass) = (name, type, recordClass)
        }
    }

    public struct Resource: Sendable, Hashable {
        public var name: DNSName
        public var type: UInt16
        public var recordClass: UInt16
        public var ttl: UInt32
        /// With names in it written out, whatever the message had.
        public var data: [UInt8]

        public init(
            _ name: DNSName, type: UInt16, recordClass: UInt16 = RecordClass.internet, ttl: UInt32, data: [UInt8]
        ) {
            (self.name, self.type, self.recordClass) = (name, type, recordClass)
            (self.ttl, self.data) = (ttl, data)
        }
    }

    /// The message as it travels. Names are written out: what we send is short.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for number in [id, flags.bits] { bytes.append(big: number) }
        for count in [questions.count, answers.count, authority.count, additional.count] {
            bytes.append(big: UInt16(count))
        }
        for question in questions {
            bytes += question.name.wire
            bytes.append(big: question.type)
            bytes.append(big: question.recordClass)
        }
        for resource in answers + authority + additional { bytes += resource.bytes }
        return bytes
    }
}

extension DNSMessage.Resource {
    var bytes: [UInt8] {
        var bytes = name.wire
        bytes.append(big: type)
        bytes.append(big: recordClass)
        bytes.append(big: ttl)
        bytes.append(big: UInt16(data.count))
        return bytes + data
    }
}

/// Classes of records; in updates two of them are words of the protocol (RFC 2136 §2.4, §2.5).
public enum RecordClass {
    public static let internet: UInt16 = 1
    public static let none: UInt16 = 254
    public static let any: UInt16 = 255
}

/// How a server answered.
public struct ResponseCode: Sendable, Hashable, CustomStringConvertible {
    public let number: UInt16

    public init(number: UInt16) { self.number = number }

    public static let noError = ResponseCode(number: 0)
    public static let formatError = ResponseCode(number: 1)
    public static let serverFailure = ResponseCode(number: 2)
    public static let noSuchName = ResponseCode(number: 3)
    public static let notImplemented = ResponseCode(number: 4)
    public static let refused = ResponseCode(number: 5)
    public static let nameExists = ResponseCode(number: 6)
    public static let setExists = ResponseCode(number: 7)
    public static let noSuchSet = ResponseCode(number: 8)
    public static let notAuthoritative = ResponseCode(number: 9)
    public static let notInZone = ResponseCode(number: 10)
    public static let badSignature = ResponseCode(number: 16)
    public static let badKey = ResponseCode(number: 17)
    public static let badTime = ResponseCode(number: 18)

    /// Its mnemonic, as IANA's registry has it.
    public var description: String {
        let names: [UInt16: String] = [
            0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
            7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 16: "BADSIG", 17: "BADKEY", 18: "BADTIME",
            22: "BADTRUNC",
        ]
        return names[number] ?? "RCODE\(number)"
    }
}

extension DNSName {
    /// The name as it stands in messages: each label with its length, and the root's empty one.
    var wire: [UInt8] { labels.flatMap { [UInt8($0.count)] + $0 } + [0] }
}

extension [UInt8] {
    mutating func append(big number: some FixedWidthInteger) {
        for byte in (0..<number.bitWidth / 8).reversed() { append(UInt8(truncatingIfNeeded: number >> (byte * 8))) }
    }
}
