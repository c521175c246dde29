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

    /// Pauses or resumes. A batch that is being applied is finished first.
    ///
    /// - Throws: `StreamStopped` when the stream was not begun; `NodeUnreachable`.
    public func set(paused: Bool) async throws {
        let receiver = try await cluster.open(stream.receiver, purpose: "control")
        let stream = stream
        do {
            let found = try await receiver.run(deadline: .seconds(60)) { session in
                let facts = try CatalogueReader.serverFacts(session)
                guard facts.isInstalled else { return false }
                return try session.query(
                    Assets.sql("stream/pause"), [stream.sync, stream.source, paused ? "true" : "false"]
                ).rowCount == 1
            }
            await receiver.close()
            guard found else {
                throw StreamStopped(
                    message: "\(stream) was not begun", hint: "run \"switchback copy \(stream.sync)\"")
            }
        } catch {
            await receiver.close()
            throw error
        }
    }
}
