/// A short fingerprint of texts, to notice that they changed. Not for security.
enum Fingerprint {
    /// FNV-1a, 64 bits, in hexadecimal.
    static func of(_ texts: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts {
            for byte in text.utf8 + [0] { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }
}
