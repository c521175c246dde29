import Assets
import Postgres

/// One thing that people do in a repository: a transaction of several statements.
struct Errand: Sendable {
    let name: String
    /// How often it is done, among the others.
    let weight: Int
    let steps: @Sendable (inout Desk) throws -> Void

    /// One of all, by their weights.
    ///
    /// - Parameter withdraws: whether it may be one that deletes.
    static func any(withdraws: Bool) -> Errand {
        let some = withdraws ? all : all.filter { $0.name != withdrawal }
        var ticket = Int.random(in: 0..<some.reduce(0) { $0 + $1.weight })
        for errand in some {
            ticket -= errand.weight
            if ticket < 0 { return errand }
        }
        return some[0]
    }

    private static let withdrawal = "withdraw"

    /// Does it in a transaction, once more when others were in the way.
    ///
    /// - Parameter receipt: what is left behind in the same transaction.
    /// - Returns: how many statements that took.
    func perform(on session: Session, receipt: String) throws -> Int {
        while true {
            var desk = Desk(session: session)
            do {
                try session.transaction {
                    try steps(&desk)
                    try desk.statement("receipt", [receipt])
                }
                return desk.statements
            } catch let error as PostgresError where error.sqlState == "40P01" || error.sqlState == "40001" {
                continue
            }
        }
    }

    /// Where the statements of a transaction are done and counted.
    struct Desk {
        let session: Session
        /// Stands for what the person of this transaction is like.
        let number = String(Int.random(in: 1...1_000_000_000))
        var statements = 0

        /// Does one statement of Demo/errands.
        @discardableResult
        mutating func statement(_ name: String, _ parameters: [String?]) throws(PostgresError) -> QueryResult {
            statements += 1
            try session.prepare(name, Assets.demo("errands/" + name))
            return try session.queryPrepared(name, parameters)
        }

        /// Some item; it may have been withdrawn, and then there is nothing to do.
        func someItem() -> String { String(Int.random(in: 1...12_000)) }
    }

    static let all = [
        Errand(name: "download", weight: 40) { desk in
            let item = desk.someItem()
            try desk.statement("download_day", [item])
            try desk.statement("download_rows", [item])
            try desk.statement("download_counters", [item])
        },
        Errand(name: "deposit", weight: 20) { desk in
            guard let item = try desk.statement("deposit_item", [desk.number])[0, 0] else { return }
            try desk.statement("deposit_authors", [item, desk.number])
            try desk.statement("deposit_metadata", [item])
            try desk.statement("deposit_files", [item, desk.number])
            try desk.statement("deposit_task", [item])
            try desk.statement("deposit_totals", [item])
        },
        Errand(name: "review", weight: 15) { desk in
            let task = try desk.statement("review_claim", [desk.number])
            guard task.rowCount == 1, let item = task[0, 0] else { return }
            try desk.statement("review_publish", [item])
            try desk.statement("review_doi", [item])
            try desk.statement("review_policy", [item])
            try desk.statement("review_event", [item])
        },
        Errand(name: "curate", weight: 15) { desk in
            let item = desk.someItem()
            try desk.statement("curate_subjects", [item, desk.number])
            try desk.statement("curate_values", [item, desk.number])
        },
        Errand(name: "register", weight: 5) { desk in
            guard let person = try desk.statement("register_person", [desk.number])[0, 0] else { return }
            try desk.statement("register_affiliation", [person, desk.number])
            // Somebody changes their mind: a savepoint whose rows never were.
            try desk.session.execute("SAVEPOINT subscriptions")
            try desk.statement("register_subscription", [person, "1"])
            try desk.session.execute("ROLLBACK TO SAVEPOINT subscriptions")
            try desk.statement("register_subscription", [person, desk.number])
            desk.statements += 2
        },
        Errand(name: withdrawal, weight: 3) { desk in
            let item = desk.someItem()
            try desk.statement("withdraw_totals", [item])
            try desk.statement("withdraw_item", [item])
        },
        Errand(name: "check files", weight: 2) { desk in
            try desk.statement("check_files", [desk.number])
        },
    ]
}
