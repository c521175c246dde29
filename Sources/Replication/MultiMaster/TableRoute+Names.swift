import Foundation

/// Values that outlive the batch they came with are kept by the names of their columns: nodes have the columns of one table in orders
/// of their own, and columns come and go.
extension TableRoute {
    /// Values of the columns that travel, in their order, as a JSON object.
    func named(_ values: [String?]) -> String {
        let pairs = Dictionary(zip(columns, values), uniquingKeysWith: { first, _ in first })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts can always be encoded.
        return (try? encoder.encode(pairs)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
