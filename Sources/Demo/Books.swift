import Assets
import Postgres

/// Looks at the secondary again and again whether its books balance: the collections' totals over the rows of three
/// other tables, as every transaction of the primary leaves them.
final class Books: Sendable {
    let found = Shared(DemoReport.Books())

    private static let between = Duration.milliseconds(100)

    /// Runs while it is watched, or until the task is cancelled. While the node is away, it waits for it.
    func run(_ nodes: DemoNodes, while isWatched: Shared<Bool>) async throws {
        while isWatched.value {
            try Task.checkCancellation()
            do {
                let there = try await DemoNodes.open(nodes.durham)
                do {
                    while isWatched.value {
                        let balance = try await there.run(deadline: .seconds(30)) { session in
                            try session.prepare("books", Assets.demo("look/books"))
                            return try session.queryPrepared("books", [])[0, 0] == "t"
                        }
                        found.change {
                            $0.looks += 1
                            $0.wrong += balance ? 0 : 1
                        }
                        try await Task.sleep(for: Self.between)
                    }
                    await there.close()
                } catch {
                    await there.close()
                    throw error
                }
            } catch let error as PostgresError where error.kind != .cancelled {
                try await Task.sleep(for: Self.between)
            }
        }
    }
}
