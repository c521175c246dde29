import Glibc

/// Statement parameters in the form libpq takes: an array of pointers to NUL-terminated text, nil for NULL. The texts are
/// copied once, behind each other into one piece of memory.
struct Parameters: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    let pointers: [UnsafePointer<CChar>?]
    var count: Int32 { Int32(pointers.count) }
    var byteCount: Int { memory.count }

    init(_ values: [String?]) throws(PostgresError) {
        guard values.count <= 65535 else {
            throw PostgresError(.misuse, "\(values.count) parameters, where a statement may have 65535")
        }
        let total = values.reduce(0) { $0 + ($1.map { $0.utf8.count + 1 } ?? 0) }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: total, alignment: 1)
        var offset = 0
        var pointers: [UnsafePointer<CChar>?] = []
        pointers.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard let value else {
                pointers.append(nil)
                continue
            }
            let length = value.utf8.count
            let slot = UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + length + 1])
            slot.copyBytes(from: value.utf8)
            slot[length] = 0
            guard memchr(slot.baseAddress!, 0, length) == nil else {
                memory.deallocate()
                throw PostgresError(.misuse, "parameter \(index + 1) holds a NUL byte, which text in Postgres cannot")
            }
            pointers.append(UnsafeRawPointer(slot.baseAddress!).assumingMemoryBound(to: CChar.self))
            offset += length + 1
        }
        self.memory = memory
        self.pointers = pointers
    }

    deinit { memory.deallocate() }
}
