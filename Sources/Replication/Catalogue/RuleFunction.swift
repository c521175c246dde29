public import Model

/// A function that could settle conflicts: `name(relation text, key jsonb, earlier jsonb, later jsonb, stamps jsonb) RETURNS jsonb`.
public struct RuleFunction: Sendable, Equatable {
    public let name: TableName
    /// Postgres has it down as such.
    public let isImmutable: Bool
    /// Of what it does; the same at nodes whose functions are the same.
    public let fingerprint: String

    /// The name that a configuration means: in the schema `public` where it names none.
    static func name(_ text: String) -> TableName {
        guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")) else {
            return TableName(schema: "public", table: text)
        }
        return TableName(schema: String(text[..<dot]), table: String(text[text.utf8.index(after: dot)...]))
    }
}
