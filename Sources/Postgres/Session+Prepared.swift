import CLibPQ

/// Prepared statements, remembered by name so that preparing again costs nothing.
extension Session {
    /// Prepares a statement; does nothing when this session prepared that name with that SQL before. A name that stood for
    /// other SQL is given the new one. Statements are forgotten only by `deallocateAll`, not by SQL that frees them.
    public func prepare(_ name: String, _ sql: String) throws(PostgresError) {
        if prepared[name] == sql { return }
        try requireText(name + sql)
        if prepared[name] != nil {
            try execute("DEALLOCATE \(SQLText.identifier(name))")
            prepared[name] = nil
        }
        try exchange { connection throws(PostgresError) in
            try require(PQsendPrepare(connection, name, sql, 0, nil))
            try receive { PQclear($0) }
        }
        prepared[name] = sql
    }

    /// Runs a prepared statement.
    public func queryPrepared(_ name: String, _ parameters: [String?]) throws(PostgresError) -> QueryResult {
        try exchange { connection throws(PostgresError) in
            try requireText(name)
            let values = try Parameters(parameters)
            try require(PQsendQueryPrepared(connection, name, values.count, values.pointers, nil, nil, 0))
            return try receiveOne()
        }
    }

    /// Frees every prepared statement of the session.
    public func deallocateAll() throws(PostgresError) {
        try execute("DEALLOCATE ALL")
        prepared = [:]
    }
}
