import Settings
import Testing

@Suite("Links between the nodes of a sync") struct LinkSettingsTests {
    private static func settings(_ lines: String) throws -> Settings {
        try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "x=1" }, b: { dsn: "x=1" }, c: { dsn: "x=1" }, t: { dsn: "x=1" }, u: { dsn: "x=1" } }
            syncs:
              s:
                nodes: { a: source, b: source, c: source, t: target, u: target }
                tables: ["public.*"]
                \(lines)
            """)
    }

    @Test func `who sends to whom, and who hands on`() throws {
        let sync = try #require(
            try Self.settings("links: [[a, b], [b, c], [c, t], [u, c]]").syncs.first)
        #expect(sync.receivers(from: "b") == ["a", "c"])
        #expect(sync.receivers(from: "c") == ["b", "t", "u"])
        #expect(sync.senders(to: "t") == ["c"])
        #expect(["a", "b", "c", "t"].map(sync.handsOn) == [false, true, true, false])
        let mesh = try #require(try Self.settings("").syncs.first)
        #expect(mesh.receivers(from: "b") == ["a", "c", "t", "u"] && !mesh.handsOn("b"))
    }

    @Test(arguments: [
        ("links: [[a, b], [b, c], [c, t]]", "leaves u without a way"),
        ("links: [[a, t], [t, b], [b, c], [c, u]]", "leaves b without a way"),
        ("links: [[a, b], [b, c], [c, t], [t, u]]", "links two targets"),
        ("links: [[a, b], [b, a], [b, c], [c, t], [c, u]]", "repeats"),
        ("links: [[a, a], [b, c]]", "must be two nodes"), ("links: [[a, x]]", "names no node of the sync"),
        ("links: [[a, b], [b, c], [c, t], [c, u]]\n    lost_after: 1h", "cannot be said beside links"),
    ]) func `what leads nowhere is refused`(_ lines: String, _ reason: String) {
        let error = #expect(throws: SettingsError.self) { try Self.settings(lines) }
        #expect(error.map { "\($0)".contains(reason) } == true, "\(error.map { "\($0)" } ?? "")")
    }
}
