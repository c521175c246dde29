/// Bytes that are no DNS message, or a text that is no value of a record.
public struct WireError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, going on from "the answer": `ends in the middle of a name`.
    public let description: String

    init(_ description: String) { self.description = description }
}
