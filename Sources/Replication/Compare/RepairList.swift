import Glibc
import Synchronization

/// Digests of keys, on disk: there may be as many as a table has rows.
///
/// The file has no name, so that it is gone with the process, however that ends.
final class DigestSpool: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var count = 0
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    private static let bufferBytes = 64 * 1024

    /// - Throws: `SpoolFailed` when there is no place for it.
    init() throws {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(folder)/switchback-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw SpoolFailed("cannot make a temporary file in \(folder)", errno) }
        unlink(path)
    }

    /// One with these in it.
    convenience init(_ digests: [RowDigest]) throws {
        try self.init()
        for digest in digests { try add(digest) }
    }

    deinit { close(descriptor) }

    var isEmpty: Bool { state.withLock { $0.count == 0 } }

    /// Adds one.
    func add(_ digest: RowDigest) throws {
        try state.withLock { state in
            state.buffer.append(contentsOf: digest.description.utf8)
            state.buffer.append(UInt8(ascii: "\n"))
            state.count += 1
            if state.buffer.count >= Self.bufferBytes { try flush(&state) }
        }
    }

    /// Forgets all.
    func removeAll() throws {
        try state.withLock { state in
            state = State()
            guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
                throw SpoolFailed("cannot empty a temporary file", errno)
            }
        }
    }

    /// Hands out all of them, a line each, in pieces.
    func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try state.withLock { try flush(&$0) }
        var offset = 0
        var bytes = [UInt8](repeating: 0, count: Self.bufferBytes)
        while true {
            let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, offset) }
            guard count >= 0 else { throw SpoolFailed("cannot read a temporary file", errno) }
            if count == 0 { return }
            try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += count
        }
    }

    /// All of them, in memory.
    func digests() throws -> [RowDigest] {
        var bytes: [UInt8] = []
        try read { bytes.append(contentsOf: $0) }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            RowDigest(text: String(decoding: $0, as: UTF8.self))
        }
    }

    private func flush(_ state: inout State) throws {
        var rest = state.buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw SpoolFailed("cannot write to a temporary file", errno) }
            rest = rest.dropFirst(count)
        }
        state.buffer.removeAll(keepingCapacity: true)
    }
}

/// The disk of this machine does not take what a comparison has found.
struct SpoolFailed: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ number: Int32) {
        description = "\(what): \(String(cString: strerror(number)))\n  hint: set TMPDIR to a folder with room"
    }
}

/// The keys that a repair is about.
struct RepairList: Sendable {
    /// Rows that the receiver will lose: those that only it has, and its versions of those that differ.
    let atReceiver: DigestSpool
    /// Rows that it will get.
    let atSource: DigestSpool
    /// Also versions at the receiver that the stream is about to overwrite by itself: where they were never the source's,
    /// nobody else keeps them.
    let keepsUnderWay: Bool

    init(keepsUnderWay: Bool = false) throws {
        atReceiver = try DigestSpool()
        atSource = try DigestSpool()
        self.keepsUnderWay = keepsUnderWay
    }

    func add(_ row: FoundRow) throws {
        if row.underWay && !keepsUnderWay { return }
        if row.kind != .missing { try atReceiver.add(row.digest) }
        if row.kind != .extra && !row.underWay { try atSource.add(row.digest) }
    }

    func removeAll() throws {
        try atReceiver.removeAll()
        try atSource.removeAll()
    }
}
