import Settings
import Testing

/// A configuration that is wrong, and every word of what is said about it.
struct Refusal: Sendable, CustomTestStringConvertible {
    enum Text: Sendable {
        case whole(String)
        /// Behind a cluster and two nodes, from line 3 on.
        case nodes(String)
        /// Behind these and a sync, from line 4 on.
        case bare(String)
        /// Behind these and two sites, from line 5 on.
        case top(String)
        /// The last line of a sync, line 7.
        case sync(String)

        var yaml: String {
            let nodes = "cluster: c\nnodes: { a: { dsn: \"dbname=a\" }, b: { dsn: \"dbname=b\" } }\n"
            let sync = "syncs: { s: { nodes: { a: source, b: target }, tables: [\"public.*\"] } }\n"
            let sites = "sites: { p: { node: a, address: 192.0.2.1 }, q: { node: b, address: 192.0.2.2 } }\n"
            return switch self {
            case .whole(let text): text
            case .nodes(let text): nodes + text
            case .bare(let text): nodes + sync + text
            case .top(let text): nodes + sync + sites + text
            case .sync(let text):
                nodes + "syncs:\n  s:\n    nodes: { a: source, b: target }\n    tables: [\"public.*\"]\n    " + text
            }
        }
    }

    let text: Text
    let error: String

    init(_ text: Text, _ error: String) {
        self.text = text
        self.error = error
    }

    var testDescription: String { text.yaml.suffix(60).split(separator: "\n").joined(separator: " ") }
}

@Suite("A wrong configuration is told so, with place and remedy, and with all that is wrong (P12)")
struct RefusalTests {
    private func expect(_ refusal: Refusal) {
        let environment = ["EMPTY": "", "FOLDER": "/nowhere", "SECRET": "geheim"]
        let error = #expect(throws: SettingsError.self) {
            try Settings.parse(refusal.text.yaml, file: "f", environment: environment)
        }
        guard let error else { return }
        #expect(error.description == refusal.error)
        // Every password in these configurations is this one.
        #expect(!error.description.contains("geheim"))
        #expect(error.problems.allSatisfy { !$0.remedy.isEmpty && !$0.message.isEmpty })
    }

    @Test(arguments: Refusal.unknownKeys) func `unknown keys`(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.missingKeys) func `missing keys`(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.keysTwice) func `keys that stand twice`(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.wrongTypes) func `wrong types`(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.names) func names(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.durations) func durations(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.expansions) func `variables and files`(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.roles) func roles(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.patterns) func patterns(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.conflictRules) func `conflict rules`(_ refusal: Refusal) { expect(refusal) }
    @Test(arguments: Refusal.sites) func `sites, files, health, DNS and failover`(_ refusal: Refusal) {
        expect(refusal)
    }
    @Test(arguments: Refusal.yaml) func `YAML itself`(_ refusal: Refusal) { expect(refusal) }
}
