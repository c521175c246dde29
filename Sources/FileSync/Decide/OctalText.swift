/// Texts in which a byte may stand as three octal digits behind a mark.
enum OctalText {
    /// - Parameter mark: what the digits stand behind; without digits it is itself.
    static func decode(_ text: ArraySlice<UInt8>, after mark: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let first = rest.first {
            let digits = rest.dropFirst(mark.count).prefix(3)
            if rest.starts(with: mark), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest[digits.endIndex...]
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }
}
