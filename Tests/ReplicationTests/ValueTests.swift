import TestSupport
import Testing

/// P4: what is written at the source is what the target holds, whatever its type and however awkward the value; on the
/// first copy, row by row, and staged.
@Suite("Values") struct ValueTests {
    /// Tables that hold one sample each.
    private struct Family: Sendable {
        let samples: [TypeSample]

        func table(_ index: Int) -> String { "public.v\(index)" }

        var schema: String {
            samples.enumerated().map { index, sample in
                (sample.setup.isEmpty ? "" : sample.setup + ";\n")
                    + "CREATE TABLE \(table(index)) (id int PRIMARY KEY, v \(sample.type))"
            }.joined(separator: ";\n")
        }

        /// Inserts the values at odd or even places; the last row has none.
        func insert(odd: Bool) -> String {
            samples.enumerated().flatMap { index, sample in
                (sample.values + ["NULL"]).enumerated().filter { ($0.offset % 2 == 1) == odd }.map {
                    "INSERT INTO \(table(index)) VALUES (\($0.offset + 1), \($0.element)::\(sample.type))"
                }
            }.joined(separator: ";\n")
        }

        /// Gives every row the value of the next one.
        var rotate: String {
            samples.indices.map {
                """
                UPDATE \(table($0)) AS t SET v = o.v FROM \(table($0)) AS o
                 WHERE o.id = t.id % (SELECT count(*)::int FROM \(table($0))) + 1
                """
            }.joined(separator: ";\n")
        }

        func each(_ statement: (String) -> String) -> String {
            samples.indices.map { statement(table($0)) }.joined(separator: ";\n")
        }
    }

    @Test(arguments: TypeFamily.allCases)
    func `every type travels by copy, row by row and staged`(_ types: TypeFamily) async throws {
        let family = Family(samples: types.samples)
        let pair = try await TestPair.travelling(schema: family.schema)
        try await pair.source.run(family.insert(odd: true))
        try await pair.start()
        try await pair.expectEqual(nil, "after the first copy")
        for way in Way.allCases {
            try await pair.change(way == .singleRows ? family.insert(odd: false) : family.rotate, on: way)
            try await pair.expectEqual(nil, "inserted, or rotated for the second time, \(way.rawValue)")
            try await pair.change(family.rotate, on: way)
            try await pair.expectEqual(nil, "rotated \(way.rawValue)")
            try await pair.change(family.each { "UPDATE \($0) SET v = NULL WHERE id = 2" }, on: way)
            try await pair.expectEqual(nil, "emptied \(way.rawValue)")
            try await pair.change(
                family.each { "DELETE FROM \($0) WHERE id = 1; INSERT INTO \($0) SELECT 1, v FROM \($0) WHERE id = 3" },
                on: way)
            try await pair.change(family.each { "DELETE FROM \($0) WHERE id = 1" }, on: way)
            try await pair.expectEqual(nil, "deleted \(way.rawValue)")
        }
    }
}
