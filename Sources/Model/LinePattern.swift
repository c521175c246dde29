import Glibc

/// A regular expression that is looked for in the lines of a text: POSIX extended, as `grep -E` has it.
///
/// The C library's matcher takes time in proportion to the text, whatever the pattern; Swift's own can take longer than
/// anybody waits.
public struct LinePattern: Sendable, Hashable, CustomStringConvertible {
    public let text: String
    public var description: String { text }

    /// Why a pattern is none.
    public struct Malformed: Error, Hashable {
        public let reason: String
    }

    /// - Throws: ``Malformed``.
    public init(_ text: String) throws(Malformed) {
        self.text = text
        var compiled = regex_t()
        let status = regcomp(&compiled, text, Self.flags)
        guard status == 0 else {
            var buffer = [CChar](repeating: 0, count: 200)
            regerror(status, &compiled, &buffer, buffer.count)
            let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw Malformed(reason: String(decoding: bytes, as: UTF8.self))
        }
        regfree(&compiled)
    }

    /// Whether a line of the bytes matches.
    public func matches(_ bytes: [UInt8]) -> Bool {
        var compiled = regex_t()
        guard regcomp(&compiled, text, Self.flags) == 0 else { return false }
        defer { regfree(&compiled) }
        // The text would end at a NUL byte.
        let text = bytes.map { $0 == 0 ? UInt8(ascii: " ") : $0 } + [0]
        return text.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { regexec(&compiled, $0.baseAddress!, 0, nil, 0) == 0 }
        }
    }

    private static let flags = REG_EXTENDED | REG_NOSUB | REG_NEWLINE
}
