import Assets
import Postgres

/// Commands to a stream. They are left at its receiver, so that they hold whoever carries it.
public struct StreamControl: Sendable {
    let stream: StreamID
    let cluster: Cluster

    public init(stream: StreamID, cluster: Cluster) {
        self.stream = stream
        self.cluster = cluster
    }

    private static let lockTimeout = "2s"

    /// Pauses or resumes. A batch that is being applied is finished first, however long it takes.
    ///
    /// - Parameter onWait: called once when there is such a batch.
    /// - Throws: `StreamStopped` when the stream was not begun; `NodeUnreachable`.
    public func set(paused: Bool, onWait: () -> Void = {}) async throws {
        let receiver = try await cluster.open(
            stream.receiver, purpose: "control", parameters: [("lock_timeout", Self.lockTimeout)])
        do {
            var hasTold = false
            while try await attempt(receiver, paused) == false {
                if !hasTold { onWait() }
                hasTold = true
            }
            await receiver.close()
        } catch {
            await receiver.close()
            throw error
        }
    }

    /// False when a batch has the cursor.
    private func attempt(_ receiver: Connection, _ paused: Bool) async throws -> Bool {
        let stream = stream
        do {
            let found = try await receiver.run(deadline: .seconds(60)) { session in
                guard try CatalogueReader.serverFacts(session).isInstalled else { return false }
                return try session.query(
                    Assets.sql("stream/pause"), [stream.sync, stream.source, paused ? "true" : "false"]
                ).rowCount == 1
            }
            guard found else {
                throw StreamStopped(
                    message: "\(stream) was not begun", hint: "run \"switchback copy \(stream.sync)\"")
            }
            return true
        } catch let error as PostgresError where error.isLockNotAvailable {
            return false
        }
    }
}
