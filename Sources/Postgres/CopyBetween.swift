/// Streams `COPY … TO STDOUT` on one connection into `COPY … FROM STDIN` on another, holding about a megabyte.
///
/// It is one `run` on each connection: transactions that earlier runs opened go on, and are the caller's to end. When
/// either side fails, falls silent beyond the deadline, or the task is cancelled, both statements end and neither
/// connection is left in the middle of one; the receiver has then taken no row of this COPY.
/// - Parameters:
///   - deadline: for the whole copy.
///   - capacityBytes: how far the sender may be ahead of the receiver.
///   - onBytes: called on the sender's thread with the count of each chunk that was passed on.
/// - Returns: how many rows the receiver took.
/// - Throws: the error that came first.
@discardableResult
public func copyBetween(
    from source: Connection, _ outSQL: String, to target: Connection, _ inSQL: String, deadline: Duration? = nil,
    capacityBytes: Int = 1 << 20, onBytes: @escaping @Sendable (Int) -> Void = { _ in }
) async throws -> Int {
    precondition(source !== target, "a copy needs two connections: one cannot wait for itself")
    let pipe = BytePipe(capacityBytes: capacityBytes)
    return try await withTaskCancellationHandler {
        try await withThrowingTaskGroup(of: CopyEnd.self) { group in
            group.addTask {
                try await failing(pipe) {
                    try await source.run(deadline: deadline) { session in
                        _ = try session.copyOut(outSQL) { bytes in
                            try pipe.write(bytes)
                            onBytes(bytes.count)
                        }
                    }
                    pipe.finish()
                    return .sent
                }
            }
            group.addTask {
                try await failing(pipe) {
                    let rows = try await target.run(deadline: deadline) { session in
                        try session.copyIn(inSQL) { writer in
                            while try pipe.read(into: { try writer.write($0) }) {}
                        }
                    }
                    return .taken(rows)
                }
            }
            if let deadline {
                // A side that waits in the pipe does not look at its deadline: this one does.
                group.addTask {
                    try await Task.sleep(for: deadline)
                    let error = PostgresError(.deadline, "not done within \(deadline)")
                    pipe.fail(error)
                    throw error
                }
            }
            return try await rowCount(of: &group, pipe)
        }
    } onCancel: {
        pipe.fail(PostgresError.cancelled())
    }
}

/// How one side of a copy ended.
enum CopyEnd: Sendable {
    case sent
    /// The receiver took so many rows.
    case taken(Int)
}

/// Waits for both sides; when one fails, the group cancels the other.
///
/// - Returns: the receiver's rows, whichever side ends first.
func rowCount(of group: inout ThrowingTaskGroup<CopyEnd, any Error>, _ pipe: BytePipe) async throws -> Int {
    do {
        var rows = 0
        for _ in 0..<2 {
            if case .taken(let count) = try await group.next() { rows = count }
        }
        group.cancelAll()
        return rows
    } catch {
        group.cancelAll()
        // The rest of the group ends before the caller gets its connections back.
        while (try? await group.next()) != nil {}
        throw pipe.failure ?? error
    }
}

/// Tells the pipe of an error, so that the other side does not wait for bytes that will not come.
private func failing(_ pipe: BytePipe, _ body: () async throws -> CopyEnd) async throws -> CopyEnd {
    do {
        return try await body()
    } catch {
        pipe.fail(error)
        throw error
    }
}
