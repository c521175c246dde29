import Console
import Postgres

extension DemoStep {
    /// The owner of the tables tries to write at the secondary.
    static let refusedWrite = DemoStep(title: "durham is read-only to applications") { stage in
        let attempt = "UPDATE item SET title = 'written at durham' WHERE item_id = 1"
        stage.screen.say("the tables' owner, in a transaction set READ WRITE:")
        stage.screen.say("\(DemoNodes.database)=> \(attempt);")
        let nodes = try stage.nodes
        let refusal: PostgresError? = try await DemoNodes.with(nodes.durham) { session in
            do {
                try session.transaction(begin: "BEGIN READ WRITE") { try session.execute(attempt) }
                return nil
            } catch let error as PostgresError where error.kind == .server { return error }
        }
        guard let refusal, let state = refusal.sqlState else {
            throw DemoError("durham took a write, which it should have refused")
        }
        stage.figures.change {
            $0.refusal.sqlstate = state
            $0.refusal.message = refusal.message
        }
        stage.screen.say("ERROR:  \(state): \(refusal.message)", .red)
        if let hint = refusal.hint { stage.screen.say("HINT:  \(hint)", .dim) }
    }
}
