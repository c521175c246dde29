import Glibc
import Postgres

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private var rest: [UInt8] = []
    private static let end = Int32(UInt8(ascii: "\n"))

    /// Takes more bytes and hands out every line that is complete, without its end. The bytes are valid during the call.
    mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ line: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        guard var start = bytes.baseAddress else { return }
        let last = start + bytes.count
        while start < last, let end = memchr(start, Self.end, last - start) {
            let piece = UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(end) - start)
            if rest.isEmpty {
                try line(piece)
            } else {
                rest.append(contentsOf: piece)
                let whole = rest
                rest.removeAll(keepingCapacity: true)
                try whole.withUnsafeBytes(line)
            }
            start = UnsafeRawPointer(end) + 1
        }
        rest.append(contentsOf: UnsafeRawBufferPointer(start: start, count: last - start))
    }
}

/// Takes rows out of a pipe one at a time. For the thread of a connection only: it waits there.
struct RowReader {
    let pipe: BytePipe
    private var splitter = LineSplitter()
    private var ready: [ComparedRow] = []
    private var next = 0

    init(_ pipe: BytePipe) { self.pipe = pipe }

    /// The next row; nil at the end.
    mutating func row() throws -> ComparedRow? {
        while next == ready.count {
            ready.removeAll(keepingCapacity: true)
            next = 0
            guard try fill() else { return nil }
        }
        defer { next += 1 }
        return ready[next]
    }

    /// Reads what the pipe holds; false at its end.
    private mutating func fill() throws -> Bool {
        var more = ready
        ready = []
        var splitter = splitter
        let goesOn = try pipe.read { bytes in
            try splitter.feed(bytes) { more.append(try ComparedRow(line: $0)) }
        }
        self.splitter = splitter
        ready = more
        return goesOn
    }
}
