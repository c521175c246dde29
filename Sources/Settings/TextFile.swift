import Glibc

/// A small text file: the configuration, or one that a `file:` value names.
enum TextFile {
    /// Enough for any configuration, and little enough to stop at when the file has no end.
    static let bytesMax = 4 << 20

    /// Why it cannot be read.
    enum Failure: Error, Equatable {
        case isMissing
        case isFolder
        case isTooLarge
        /// What the operating system says.
        case cannotBeRead(String)
        case isNotUTF8(SettingsError.Place)
        case isUTF16

        var message: String {
            switch self {
            case .isMissing: "there is no such file"
            case .isFolder: "it is a folder"
            case .isTooLarge: "it is larger than \(TextFile.bytesMax >> 20) MiB"
            case .cannotBeRead(let reason): "it cannot be read: \(reason)"
            case .isNotUTF8: "it is not UTF-8"
            case .isUTF16: "it is UTF-16, where UTF-8 belongs"
            }
        }
    }

    /// Its text, without a byte order mark.
    static func read(_ path: String) throws(Failure) -> String {
        var bytes = try bytes(of: path)[...]
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { throw .isUTF16 }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .isNotUTF8(firstInvalid(in: bytes)) }
        return text
    }

    private static func bytes(of path: String) throws(Failure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .isMissing : .cannotBeRead(String(cString: strerror(errno)))
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw errno == EISDIR ? .isFolder : .cannotBeRead(String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > bytesMax { throw .isTooLarge }
        }
    }

    private static func firstInvalid(in bytes: ArraySlice<UInt8>) -> SettingsError.Place {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where String(validating: line, as: UTF8.self) == nil {
            // A character that is cut off is not valid either, so the longest valid beginning ends before the bad byte.
            var length = line.count
            var start: String?
            while start == nil && length > 0 {
                length -= 1
                start = String(validating: line.prefix(length), as: UTF8.self)
            }
            return .init(line: index + 1, column: (start ?? "").unicodeScalars.count + 1)
        }
        return .init(line: 1, column: 1)
    }
}
