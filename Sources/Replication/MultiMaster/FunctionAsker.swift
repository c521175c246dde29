import Foundation
import Model
import Postgres
import Synchronization

/// Has a function of the user's make rows of versions.
///
/// Settling is a decision without input or output, so it asks for what it needs to know, some rows at a time, until nothing is left to
/// ask: of three versions the first two are asked about first, and then the row that was made of them and the third.
final class FunctionAsker: Sendable {
    private struct Question: Hashable {
        let earlier: RowVersion
        let later: RowVersion
    }

    private struct State {
        var answers: [Question: [String?]?] = [:]
        var open: Set<Question> = []
    }

    private let state = Mutex(State())

    /// What the rule folds with; while something is not known yet it goes on with the later version.
    var fold: RuleContext.Fold {
        { earlier, later in
            let question = Question(earlier: earlier, later: later)
            return self.state.withLock { state in
                if let answer = state.answers[question] { return answer }
                state.open.insert(question)
                return later.values
            }
        }
    }

    /// Answers what was asked since the last time.
    ///
    /// - Returns: whether there was something to answer.
    /// - Throws: `StreamStopped` when the function fails; `PostgresError` when the server does.
    func answer(_ name: String, for route: TableRoute, sync: String, _ session: Session) throws -> Bool {
        let open = state.withLock { state in
            defer { state.open = [] }
            return Array(state.open)
        }
        guard !open.isEmpty else { return false }
        let parameters = [
            Self.array(open.map(\.earlier)), Self.array(open.map(\.later)),
            RowSettler.arrayLiteral(open.map { Self.stamps($0.earlier, $0.later) }),
        ]
        let rows: QueryResult
        do { rows = try session.query(route.askFunction(name), parameters) } catch {
            guard let code = error.sqlState, !error.isConnectionFailure, !code.hasPrefix("57"), !code.hasPrefix("40")
            else { throw error }
            throw StreamStopped(
                message:
                    "the function \(name) could not settle a conflict of \(route.name) at \(route.masters?.receiver ?? ""): \(error.message)",
                hint:
                    "mend the function at every node of \(sync), or write one of the rows anew; the stream goes on by itself"
            )
        }
        let answers = (0..<rows.rowCount).map { row in
            rows.bool(row, 0) ? route.columns.indices.map { rows[row, $0 + 1] } : nil
        }
        guard answers.count == open.count else { throw PostgresError(.misuse, "\(name) did not answer for each row") }
        state.withLock { state in
            for (question, answer) in zip(open, answers) { state.answers[question] = .some(answer) }
        }
        return true
    }

    private static func array(_ versions: [RowVersion]) -> String {
        RowSettler.arrayLiteral(versions.map { $0.values.map(RowSettler.arrayLiteral) })
    }

    /// Who wrote both versions when, for the function.
    private static func stamps(_ earlier: RowVersion, _ later: RowVersion) -> String {
        struct Writer: Encodable {
            let node: String
            let microseconds: Int64
        }
        let writers = ["earlier": earlier, "later": later].mapValues {
            Writer(node: $0.dot.origin, microseconds: $0.microseconds)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Names and numbers can always be encoded.
        return (try? encoder.encode(writers)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

extension TableRoute {
    /// Asks a function of the user's; parameters are the earlier versions, the later ones, and who wrote them.
    func askFunction(_ name: String) -> String {
        let typed = columns.enumerated().map { index, column in
            let type = target.column(column)?.bareType ?? "text"
            return "(either.v)[\(index + 1)]::\(type) AS \(SQLText.identifier(column))"
        }
        return SQLTemplate.render(
            "multimaster/ask_function",
            [
                "function": RuleFunction.name(name).sql, "table": SQLText.literal("\(self.name)"),
                "versions": typed.joined(separator: ", "),
                "key": typed.prefix(keyCount).joined(separator: ", "), "row": stageName("row"),
                "record": "NULL::\(target.name.sql)",
                "columns": columns.map { "p.\(SQLText.identifier($0))::text" }.joined(separator: ", "),
            ])
    }
}
