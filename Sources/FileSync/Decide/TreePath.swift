import Glibc

/// A path below a tree's root, as the bytes that the file system has: any but NUL, and no UTF-8 need be among them.
public struct TreePath: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Without a slash at either end; empty for the root itself.
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public init(_ text: String) { bytes = Array(text.utf8) }

    static let slash = UInt8(ascii: "/")

    /// By bytes: a folder comes before what is in it.
    public static func < (left: TreePath, right: TreePath) -> Bool { left.order(right) < 0 }

    /// Below zero when this one comes first, zero when they are equal.
    func order(_ other: TreePath) -> Int {
        let common = min(bytes.count, other.bytes.count)
        let order = bytes.withUnsafeBytes { left in
            other.bytes.withUnsafeBytes { right in
                common == 0 ? 0 : memcmp(left.baseAddress!, right.baseAddress!, common)
            }
        }
        return order == 0 ? bytes.count - other.bytes.count : Int(order)
    }

    /// The folder that it is in; nil for what lies in the root.
    public var parent: TreePath? {
        bytes.lastIndex(of: Self.slash).map { TreePath(Array(bytes[..<$0])) }
    }

    /// The folders that it is in, the nearest first.
    public var ancestors: [TreePath] {
        var all: [TreePath] = []
        var path = parent
        while let next = path {
            all.append(next)
            path = next.parent
        }
        return all
    }

    /// How many folders lie above it.
    public var depth: Int { bytes.count { $0 == Self.slash } }

    /// Whether it lies below a folder, at any depth.
    func lies(below folder: TreePath) -> Bool {
        bytes.count > folder.bytes.count && bytes[folder.bytes.count] == Self.slash && bytes.starts(with: folder.bytes)
    }

    /// In one piece of memory: a scan makes one of these for each file.
    func appending(_ name: UnsafeRawBufferPointer) -> TreePath {
        let front = bytes.isEmpty ? 0 : bytes.count + 1
        return TreePath(
            [UInt8](unsafeUninitializedCapacity: front + name.count) { buffer, count in
                let raw = UnsafeMutableRawBufferPointer(buffer)
                if front > 0 {
                    bytes.withUnsafeBytes { raw.copyMemory(from: $0) }
                    raw[front - 1] = Self.slash
                }
                UnsafeMutableRawBufferPointer(rebasing: raw[front...]).copyMemory(from: name)
                count = front + name.count
            })
    }

    func appending(_ name: [UInt8]) -> TreePath {
        bytes.isEmpty ? TreePath(name) : TreePath(bytes + [Self.slash] + name)
    }

    /// For people and documents: bytes that are no UTF-8, and signs that would spoil a line, as `\ooo`.
    public var description: String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
            let piece = Array(rest.prefix(length))
            if first >= 0x20, first != 0x7F, first != 0x5C, let decoded = String(validating: piece, as: UTF8.self),
                decoded.unicodeScalars.count == 1
            {
                text += decoded
                rest = rest.dropFirst(length)
            } else {
                let octal = String(first, radix: 8)
                text += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
                rest = rest.dropFirst()
            }
        }
        return text
    }
}
