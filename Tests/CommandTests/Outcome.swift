import Foundation
import TestSupport
import Testing

extension Program.Outcome {
    /// The one JSON object that standard output holds, and nothing else.
    func document(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
        try #require(json() as? [String: Any], "no object: \(output)", sourceLocation: sourceLocation)
    }

    /// The one JSON array of objects that standard output holds, and nothing else.
    func list(sourceLocation: SourceLocation = #_sourceLocation) throws -> [[String: Any]] {
        try #require(json() as? [[String: Any]], "no list: \(output)", sourceLocation: sourceLocation)
    }

    private func json() -> Any? { try? JSONSerialization.jsonObject(with: Data(output.utf8)) }
}
