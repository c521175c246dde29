import Postgres

/// Values of columns that our own SQL defines, and whose type is therefore known.
extension QueryResult {
    /// A text; empty for NULL.
    func text(_ row: Int, _ column: Int) -> String { self[row, column] ?? "" }
    /// A number; zero for NULL.
    func int(_ row: Int, _ column: Int) -> Int { self[row, column].flatMap { Int($0) } ?? 0 }
    /// An oid; zero for NULL.
    func oid(_ row: Int, _ column: Int) -> UInt32 { self[row, column].flatMap { UInt32($0) } ?? 0 }
    /// A boolean, as a boolean or as its text; false for NULL.
    func bool(_ row: Int, _ column: Int) -> Bool { self[row, column].map { $0 == "t" || $0 == "true" } ?? false }
}
