import CLibPQ

/// The answer to one statement: its rows as text, or how many it touched.
///
/// It owns a `PGresult`. `Sendable` is safe, and `nonisolated(unsafe)` below with it, because libpq never changes a
/// `PGresult` once `PQgetResult` has returned it, and its documentation ("Behavior in Threaded Programs") says that result
/// objects are read-only after creation and so can be passed around freely between threads; the calls that do change one
/// (`PQsetvalue`, `PQresultAlloc` and kin) are not used. It is freed when its last holder lets go of it, once.
public final class QueryResult: Sendable {
    private nonisolated(unsafe) let pointer: OpaquePointer
    /// How many rows came.
    public let rowCount: Int
    /// How many columns they have; 0 for statements that return no rows.
    public let columnCount: Int
    /// How many rows the statement inserted, changed, deleted, fetched or copied; 0 for others.
    public let affectedRows: Int

    /// Takes over `pointer`.
    init(taking pointer: OpaquePointer) {
        self.pointer = pointer
        rowCount = Int(PQntuples(pointer))
        columnCount = Int(PQnfields(pointer))
        affectedRows = rowsTouched(by: pointer)
    }

    deinit { PQclear(pointer) }

    /// The columns' names, in order.
    public var columnNames: [String] { (0..<columnCount).map { columnName($0) } }

    /// The name of a column; empty when there is no such column.
    public func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? ""
    }

    /// The first column of exactly that name.
    public func columnIndex(_ name: String) -> Int? { (0..<columnCount).first { columnName($0) == name } }

    /// Whether a value is NULL. A row or column that does not exist is a programming error and traps, here and below.
    public func isNull(_ row: Int, _ column: Int) -> Bool {
        check(row, column)
        return PQgetisnull(pointer, Int32(row), Int32(column)) == 1
    }

    /// The text of a value; nil for NULL.
    public subscript(_ row: Int, _ column: Int) -> String? {
        isNull(row, column) ? nil : String(decoding: bytes(row, column), as: UTF8.self)
    }

    /// The length of a value in bytes; 0 for NULL.
    public func byteCount(_ row: Int, _ column: Int) -> Int {
        check(row, column)
        return Int(PQgetlength(pointer, Int32(row), Int32(column)))
    }

    /// The bytes of a value, empty for NULL, followed in memory by a NUL byte. They are valid only while the result is
    /// alive: keep it so with `withExtendedLifetime(result) { … }` around every use, or call `withBytes`.
    public func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: cString(row, column), count: byteCount(row, column))
    }

    /// Calls `body` with the bytes of a value, empty for NULL. They must not escape it.
    public func withBytes<R, E: Error>(
        _ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes(row, column))
    }

    /// The rows, in order.
    public var rows: Rows { Rows(result: self) }

    /// A value with the NUL byte behind it, as libpq takes parameters.
    func cString(_ row: Int, _ column: Int) -> UnsafePointer<CChar>? {
        check(row, column)
        return UnsafePointer(PQgetvalue(pointer, Int32(row), Int32(column)))
    }

    private func check(_ row: Int, _ column: Int) {
        precondition(row >= 0 && row < rowCount, "row \(row) of a result of \(rowCount) rows")
        precondition(column >= 0 && column < columnCount, "column \(column) of a result of \(columnCount) columns")
    }

    /// The rows of a result.
    public struct Rows: RandomAccessCollection, Sendable {
        let result: QueryResult
        public var startIndex: Int { 0 }
        public var endIndex: Int { result.rowCount }
        public subscript(_ index: Int) -> Row { Row(result: result, index: index) }
    }

    /// One row of a result.
    public struct Row: Sendable {
        public let result: QueryResult
        public let index: Int

        /// The text of a value; nil for NULL.
        public subscript(_ column: Int) -> String? { result[index, column] }
        /// The value of the column of that name; a name that the result lacks is a programming error and traps.
        public subscript(_ name: String) -> String? { result[index, columnIndex(name)] }
        /// The text of a value; nil for NULL.
        public func string(_ column: Int) -> String? { self[column] }
        public func string(_ name: String) -> String? { self[name] }
        /// The value as an integer; nil for NULL and for what is no integer.
        public func int(_ column: Int) -> Int? { self[column].flatMap { Int($0) } }
        public func int(_ name: String) -> Int? { self[name].flatMap { Int($0) } }
        /// The value as a boolean; nil for NULL and for what is none.
        public func bool(_ column: Int) -> Bool? { self[column].flatMap { $0 == "t" ? true : $0 == "f" ? false : nil } }
        public func bool(_ name: String) -> Bool? { bool(columnIndex(name)) }
        /// Whether a value is NULL.
        public func isNull(_ column: Int) -> Bool { result.isNull(index, column) }
        public func isNull(_ name: String) -> Bool { isNull(columnIndex(name)) }

        private func columnIndex(_ name: String) -> Int {
            guard let column = result.columnIndex(name) else {
                preconditionFailure("no column \(name) among \(result.columnNames)")
            }
            return column
        }
    }
}

/// The count in a result's command tag.
func rowsTouched(by result: OpaquePointer) -> Int { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }
