import Postgres

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private var rest: [UInt8] = []

    /// Takes more bytes and hands out every line that is complete.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ line: (Substring.UTF8View) throws -> Void) rethrows {
        rest.append(contentsOf: bytes)
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let text = String(decoding: rest[start..<end], as: UTF8.self)
            try line(Substring(text).utf8)
            start = rest.index(after: end)
        }
        rest.removeSubrange(..<start)
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
            var more: [ComparedRow] = []
            var splitter = splitter
            let goesOn = try pipe.read { bytes in
                splitter.feed(bytes) { line in if let row = ComparedRow(line: line) { more.append(row) } }
            }
            self.splitter = splitter
            ready = more
            if !goesOn && ready.isEmpty { return nil }
        }
        defer { next += 1 }
        return ready[next]
    }
}
