public struct Glob: Sendable, Equatable, CustomStringConvertible {
    public let description: String
    public init(_ text: String) { description = text }
    public func matches(_ table: TableName) -> Bool {
        if description.hasSuffix(".*") { return table.schema == String(description.dropLast(2)) }
        return "\(table.schema).\(table.table)" == description
    }
}
