/// A bounded queue of bytes from one thread to another: between a `copyOut` in one connection's run and a `copyIn` in
/// another's. Both ends block, so that they belong on connections' threads and never into the cooperative pool.
///
/// One thread writes and one reads.
///
/// `@unchecked Sendable` is safe because the variables are touched only with the monitor's lock held, and the memory by
/// turns: `writeIndex ..< readIndex` around the ring belongs to the writer, the rest to the reader, and only its owner
/// gives a part away, under the lock and after it is done with it.
public final class BytePipe: @unchecked Sendable {
    private let monitor = Monitor()
    private let ring: UnsafeMutableRawBufferPointer
    private var readIndex = 0
    private var filled = 0
    private var isFinished = false
    private var failureStored: (any Error)?

    /// - Parameter capacityBytes: how much is held at most; a writer that is further ahead waits.
    public init(capacityBytes: Int = 1 << 20) {
        precondition(capacityBytes > 0, "a pipe holds at least one byte")
        ring = .allocate(byteCount: capacityBytes, alignment: 16)
    }

    deinit { ring.deallocate() }

    /// What the pipe was failed with, the first time.
    public var failure: (any Error)? { monitor.locked { failureStored } }

    /// Adds bytes, waiting while the pipe is full.
    /// - Throws: what the pipe was failed with.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let room = try waitForRoom()
            let count = min(room.count, rest.count)
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            monitor.locked {
                filled += count
                monitor.signalAll()
            }
        }
    }

    /// Says that no more will be written.
    public func finish() {
        monitor.locked {
            isFinished = true
            monitor.signalAll()
        }
    }

    /// Makes both ends throw `error` at once, also while they wait. Only the first failure counts. It may be called from
    /// anywhere and does not block.
    public func fail(_ error: any Error) {
        monitor.locked {
            failureStored = failureStored ?? error
            monitor.signalAll()
        }
    }

    /// Waits for bytes and passes the next of them to `body`, in order; they are valid during the call.
    /// - Returns: false at the end, when `body` was not called.
    /// - Throws: what the pipe was failed with, or what `body` throws.
    public func read(into body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        guard let bytes = try waitForBytes() else { return false }
        try body(bytes)
        monitor.locked {
            readIndex = (readIndex + bytes.count) % ring.count
            filled -= bytes.count
            monitor.signalAll()
        }
        return true
    }

    /// The free memory behind what is filled, as far as it is in one piece.
    private func waitForRoom() throws -> UnsafeMutableRawBufferPointer {
        try monitor.locked {
            while failureStored == nil && filled == ring.count { _ = monitor.wait() }
            if let failureStored { throw failureStored }
            guard !isFinished else { throw PostgresError(.misuse, "a write to a pipe that was finished") }
            let writeIndex = (readIndex + filled) % ring.count
            let end = writeIndex < readIndex ? readIndex : ring.count
            return UnsafeMutableRawBufferPointer(rebasing: ring[writeIndex..<end])
        }
    }

    /// The filled memory, as far as it is in one piece; nil at the end.
    private func waitForBytes() throws -> UnsafeRawBufferPointer? {
        try monitor.locked {
            while failureStored == nil && filled == 0 && !isFinished { _ = monitor.wait() }
            if let failureStored { throw failureStored }
            guard filled > 0 else { return nil }
            let end = min(readIndex + filled, ring.count)
            return UnsafeRawBufferPointer(rebasing: ring[readIndex..<end])
        }
    }
}
