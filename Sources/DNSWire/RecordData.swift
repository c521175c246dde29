import Glibc
public import Model

/// The data of records: as it travels, and as zone files have it.
public enum RecordData {
    /// The bytes of a value.
    ///
    /// - Parameters:
    ///   - text: as in a zone file, names whole; `\# 4 C0000201` for a type that is not known here (RFC 3597).
    /// - Throws: `WireError`, when the text is no value of the type.
    public static func bytes(_ text: String, _ type: DNSType) throws(WireError) -> [UInt8] {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.first == "\\#" { return try generic(words) }
        switch type.name {
        case "A": return try address(text, AF_INET, 4)
        case "AAAA": return try address(text, AF_INET6, 16)
        case "NS", "CNAME", "PTR", "DNAME":
            try count(words, 1, text, type)
            return try name(words[0])
        case "MX":
            try count(words, 2, text, type)
            return try number(words[0]) + name(words[1])
        case "SRV":
            try count(words, 4, text, type)
            return try number(words[0]) + number(words[1]) + number(words[2]) + name(words[3])
        case "TXT": return try strings(text).flatMap { [UInt8($0.count)] + $0 }
        case "CAA":
            let parts = try strings(text)
            guard parts.count == 3, let flags = UInt8(String(decoding: parts[0], as: UTF8.self)) else {
                throw WireError("\(text) is no value of CAA")
            }
            return [flags, UInt8(parts[1].count)] + parts[1] + parts[2]
        case "DS":
            guard words.count >= 4, let algorithm = UInt8(words[1]), let digest = UInt8(words[2]) else {
                throw WireError("\(text) is no value of DS")
            }
            return try number(words[0]) + [algorithm, digest] + hexadecimal(words[3...].joined())
        default: throw WireError("values of type \(type) cannot be written; give them as \\# and their bytes")
        }
    }

    /// The value of bytes, in its canonical form. What cannot be read as the type is written as `\#` and its bytes.
    public static func text(_ bytes: [UInt8], _ type: DNSType) -> String {
        (try? known(bytes, type)) ?? "\\# \(bytes.count) " + bytes.map(hexadecimal).joined()
    }

    private static func known(_ bytes: [UInt8], _ type: DNSType) throws(WireError) -> String? {
        var reader = WireReader(bytes)
        let all = bytes.count
        func whole(_ text: String) throws(WireError) -> String {
            guard reader.at == all else { throw WireError("more than a value") }
            return text
        }
        switch type.name {
        case "A": return try address(bytes, AF_INET, 4)
        case "AAAA": return try address(bytes, AF_INET6, 16)
        case "NS", "CNAME", "PTR", "DNAME": return try whole(reader.name().absolute)
        case "MX": return try whole("\(reader.number16()) \(reader.name().absolute)")
        case "SRV":
            return try whole("\(reader.number16()) \(reader.number16()) \(reader.number16()) \(reader.name().absolute)")
        case "TXT":
            var texts: [String] = []
            while reader.at < all {
                let length = Int(try reader.raw(1, before: all)[0])
                texts.append(quoted(try reader.raw(length, before: all)))
            }
            return texts.isEmpty ? nil : texts.joined(separator: " ")
        case "CAA":
            let head = try reader.raw(2, before: all)
            let tag = try reader.raw(Int(head[1]), before: all)
            guard !tag.isEmpty, tag.allSatisfy({ (0x30...0x7A).contains($0) && $0 != UInt8(ascii: "\\") }) else {
                return nil
            }
            let value = try reader.raw(all - reader.at, before: all)
            return "\(head[0]) \(String(decoding: tag, as: UTF8.self)) \(quoted(value))"
        case "SOA":
            let names = "\(try reader.name().absolute) \(try reader.name().absolute)"
            var numbers: [String] = []
            for _ in 0..<5 { numbers.append("\(try reader.number32())") }
            return try whole(names + " " + numbers.joined(separator: " "))
        case "DS":
            let tag = try reader.number16()
            let kinds = try reader.raw(2, before: all)
            let digest = try reader.raw(all - reader.at, before: all)
            if digest.isEmpty { return nil }
            return "\(tag) \(kinds[0]) \(kinds[1]) \(digest.map(hexadecimal).joined())"
        default: return nil
        }
    }

    // MARK: Words of a zone file

    private static func count(_ words: [String], _ wanted: Int, _ text: String, _ type: DNSType) throws(WireError) {
        guard words.count == wanted else { throw WireError("\(text) is no value of \(type)") }
    }

    private static func address(_ text: String, _ family: Int32, _ count: Int) throws(WireError) -> [UInt8] {
        var storage = in6_addr()
        guard inet_pton(family, text, &storage) == 1 else { throw WireError("\(text) is no address") }
        return withUnsafeBytes(of: &storage) { Array($0.prefix(count)) }
    }

    private static func address(_ bytes: [UInt8], _ family: Int32, _ count: Int) throws(WireError) -> String? {
        guard bytes.count == count else { throw WireError("not the length of an address") }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func name(_ text: String) throws(WireError) -> [UInt8] {
        guard let name = DNSName(text) else { throw WireError("\(text) is no domain name") }
        return name.wire
    }

    private static func number(_ text: String) throws(WireError) -> [UInt8] {
        guard let number = UInt16(text) else { throw WireError("\(text) is no number from 0 to 65535") }
        return [UInt8(number >> 8), UInt8(number & 0xFF)]
    }

    private static func generic(_ words: [String]) throws(WireError) -> [UInt8] {
        guard words.count >= 2, let count = Int(words[1]) else { throw WireError("\\# needs a number of bytes") }
        let bytes = try hexadecimal(words[2...].joined())
        guard bytes.count == count else { throw WireError("\\# \(count) is followed by \(bytes.count) bytes") }
        return bytes
    }

    private static func hexadecimal(_ text: String) throws(WireError) -> [UInt8] {
        let digits = Array(text)
        guard digits.count % 2 == 0 else { throw WireError("\(text) is not hexadecimal") }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[at].hexDigitValue, let low = digits[at + 1].hexDigitValue else {
                throw WireError("\(text) is not hexadecimal")
            }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }

    /// Character strings, quoted or not, of at most 255 bytes each.
    private static func strings(_ text: String) throws(WireError) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if first == 0x20 || first == 0x09 {
                rest = rest.dropFirst()
                continue
            }
            let isQuoted = first == UInt8(ascii: "\"")
            if isQuoted { rest = rest.dropFirst() }
            var string: [UInt8] = []
            var isClosed = !isQuoted
            while let byte = rest.first {
                if isQuoted ? byte == UInt8(ascii: "\"") : byte == 0x20 || byte == 0x09 {
                    if isQuoted { rest = rest.dropFirst() }
                    isClosed = true
                    break
                }
                rest = rest.dropFirst()
                string.append(byte == UInt8(ascii: "\\") ? try escaped(&rest) : byte)
            }
            guard isClosed else { throw WireError("a text has no quote at its end") }
            guard string.count <= 255 else { throw WireError("a text is longer than 255 bytes") }
            strings.append(string)
        }
        guard !strings.isEmpty else { throw WireError("a text is missing") }
        return strings
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) throws(WireError) -> UInt8 {
        guard let first = rest.popFirst() else { throw WireError("a text ends with a backslash") }
        guard (0x30...0x39).contains(first) else { return first }
        let digits = [first] + rest.prefix(2)
        guard digits.count == 3, let byte = UInt8(String(decoding: digits, as: UTF8.self)) else {
            throw WireError("a backslash is followed by no three digits of a byte")
        }
        rest = rest.dropFirst(2)
        return byte
    }

    private static func quoted(_ bytes: [UInt8]) -> String {
        var text = "\""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += "\\" + String(Unicode.Scalar(byte))
            case 0x20...0x7E: text += String(Unicode.Scalar(byte))
            default:
                let digits = String(byte)
                text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
        }
        return text + "\""
    }
}
