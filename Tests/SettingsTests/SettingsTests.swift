import Model
import Settings
import Testing

@Suite("The configuration, typed") struct SettingsTests {
    /// The configuration of the contract; only the file that holds the key is another.
    static let contract = """
        cluster: dryad
        nodes:
          raleigh: { dsn: "host=db1 dbname=dryad_repo user=switchback sslmode=verify-full" }
          durham:  { dsn: "service=dryad_secondary" }
        syncs:
          dryad_repo:
            nodes: { raleigh: source, durham: target }      # two sources: multi-master
            tables: ["public.*"]                            # globs; schema.table
            exclude: ["public.scratch_*"]
            conflict: latest                                # default rule
            overrides:
              public.item:      { conflict: merge }
              public.downloads: { counters: [total] }
              public.eperson:   { where: "active", columns: [eperson_id, email] }
        sites:
          primary:   { node: raleigh, address: 192.0.2.10 }
          secondary: { node: durham,  address: 198.51.100.20 }
        files:
          opt: { from: primary, to: secondary, path: /opt/, every: 1m, delete: true, exclude: ["access.log*", "log/"] }
        health:
          every: 5s
          fall: 3
          rise: 5
          checks:
            - http: { url: "https://www.example.org/", method: HEAD, status: 200 }
            - http: { url: "https://www.example.org/search", contains: "Search results" }
            - sql:  { node: raleigh, write: true }
            - exec: { command: [/usr/lib/nagios/plugins/check_http, -H, www.example.org] }
        dns:
          provider: { rfc2136: { server: 192.0.2.53, zone: example.org, key: "${TSIG}" } }
          records:
            - { name: www.example.org, type: A, ttl: 60s }  # its value follows the active site's address
        failover:
          mode: automatic                                   # or manual
          freeze_budget: 30s
        """

    private func contract() throws -> Settings {
        try .parse(Self.contract, environment: ["TSIG": "hmac-sha256:k:c2VjcmV0"])
    }

    @Test func `how long a node may be away, and how far a clock may be off, are the sync's`() throws {
        func sync(_ lines: String) throws -> SyncSettings? {
            try Settings.parse(
                "cluster: c\nnodes: { a: { dsn: x }, b: { dsn: y } }\nsyncs:\n  s:\n    nodes: { a: source, b: source }\n    tables: [\"public.*\"]\n\(lines)"
            ).syncs.first
        }
        let usual = try sync("")
        #expect(usual?.lostAfter == nil && usual?.clockSkewLimit == .seconds(5) && usual?.historyKeep == nil)
        let other = try sync("    lost_after: 168h\n    clock_skew_limit: 10m\n    history_keep: 2160h")
        #expect(other?.lostAfter == .seconds(168 * 3600) && other?.clockSkewLimit == .seconds(600))
        #expect(other?.historyKeep == .seconds(2160 * 3600))
        #expect(throws: SettingsError.self) { try sync("    lost_after: 59s") }
        #expect(throws: SettingsError.self) { try sync("    history_keep: 0s") }
    }

    @Test func `the contract's nodes and syncs are read whole`() throws {
        let settings = try contract()
        #expect(settings.cluster == "dryad")
        #expect(settings.nodes.map(\.name) == ["raleigh", "durham"])
        #expect(settings.nodes[0].dsn.value == "host=db1 dbname=dryad_repo user=switchback sslmode=verify-full")
        #expect(settings.nodes[1].dsn.value == "service=dryad_secondary")
        let sync = try #require(settings.syncs.first)
        #expect(settings.syncs.count == 1)
        #expect(sync.name == "dryad_repo")
        #expect(sync.namedSources == ["raleigh"] && sync.standbys == ["durham"] && sync.targets == [])
        #expect(try sync.tables == [Glob("public.*")])
        #expect(try sync.exclude == [Glob("public.scratch_*")])
        #expect(sync.conflict == .latest)
        #expect(sync.overrides.map(\.pattern.description) == ["public.item", "public.downloads", "public.eperson"])
        #expect(sync.overrides.map(\.conflict) == [.merge, nil, nil])
        #expect(sync.overrides.map(\.counters) == [[], ["total"], []])
        #expect(sync.overrides.map(\.whereClause) == [nil, nil, "active"])
        #expect(sync.overrides.map(\.columns) == [nil, nil, ["eperson_id", "email"]])
        #expect(sync.overrides.map(\.fullCopy) == [false, false, false])
    }

    @Test func `the contract's sites, files and failover are read whole`() throws {
        let settings = try contract()
        #expect(settings.sites.map(\.name) == ["primary", "secondary"])
        #expect(settings.sites.map(\.node) == ["raleigh", "durham"])
        #expect(settings.sites.map(\.address.description) == ["192.0.2.10", "198.51.100.20"])
        #expect(settings.sites.allSatisfy { !$0.address.isVersion6 })
        let files = try #require(settings.files.first)
        #expect(files.name == "opt" && files.from == "primary" && files.to == "secondary" && files.path == "/opt/")
        #expect(files.every == .seconds(60) && files.delete && files.exclude == ["access.log*", "log/"])
        #expect(settings.failover?.mode == .automatic && settings.failover?.freezeBudget == .seconds(30))
    }

    @Test func `the contract's health and DNS are read whole`() throws {
        let settings = try contract()
        let health = try #require(settings.health)
        #expect(health.every == .seconds(5) && health.fall == 3 && health.rise == 5)
        guard health.checks.count == 4, case .http(let head) = health.checks[0].kind,
            case .http(let page) = health.checks[1].kind,
            case .sql(let sql) = health.checks[2].kind, case .exec(let exec) = health.checks[3].kind
        else {
            Issue.record("\(health.checks)")
            return
        }
        #expect(head.url.value == "https://www.example.org/" && head.method == "HEAD" && head.status == 200)
        #expect(head.contains == nil && head.description == "HEAD https://www.example.org/")
        #expect(page.method == "GET" && page.status == nil && page.contains == "Search results")
        #expect(sql.node == "raleigh" && sql.write)
        #expect(exec.command == ["/usr/lib/nagios/plugins/check_http", "-H", "www.example.org"])
        let dns = try #require(settings.dns)
        guard case .rfc2136(let provider) = dns.provider else { return }
        #expect(provider.server == "192.0.2.53" && provider.zone == "example.org")
        #expect(provider.key?.value == "hmac-sha256:k:c2VjcmV0")
        #expect(dns.records.map(\.name) == ["www.example.org"] && dns.records.map(\.kind) == [.a])
        #expect(dns.records.map(\.ttl) == [.seconds(60)])
    }

    @Test func `what is left out has its default`() throws {
        let minimal = try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
            syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
            """)
        #expect(
            minimal.syncs[0].conflict == .latest && minimal.syncs[0].exclude == [] && minimal.syncs[0].overrides == [])
        #expect(minimal.sites == [] && minimal.files == [])
        #expect(minimal.health == nil && minimal.dns == nil && minimal.failover == nil)
        let short = try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
            syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"], exclude: [] } }
            sites: { p: { node: a, address: "2001:db8::1" }, q: { node: b, address: "2001:db8::2" } }
            files: { f: { from: p, to: q, path: /srv } }
            health: { checks: [ { sql: { node: a } }, { http: { url: "https://u:p@h.example:8443/x?token=t" } } ] }
            dns: { provider: { rfc2136: { server: ns1, zone: Example.ORG. } }, records: [ { name: example.org, type: AAAA } ] }
            failover: {}
            """)
        #expect(short.files[0].every == nil && !short.files[0].delete && short.files[0].exclude == [])
        #expect(short.health?.every == .seconds(5) && short.health?.fall == 3 && short.health?.rise == 5)
        guard let checks = short.health?.checks, case .sql(let sql) = checks[0].kind,
            case .http(let http) = checks[1].kind
        else {
            Issue.record("no checks")
            return
        }
        #expect(!sql.write)
        // P12: what is shown of a URL has neither password nor query.
        #expect(http.description == "GET https://h.example:8443/x")
        #expect(http.url.value == "https://u:p@h.example:8443/x?token=t")
        guard case .rfc2136(let provider) = short.dns?.provider else { return }
        #expect(provider.zone == "example.org" && provider.key == nil)
        #expect(short.dns?.records[0].kind == .aaaa && short.dns?.records[0].ttl == .seconds(60))
        #expect(short.sites[0].address.isVersion6)
        #expect(short.failover?.mode == .manual && short.failover?.freezeBudget == .seconds(30))
    }

    @Test func `nodes, syncs, tables and overrides keep the order of the file`() throws {
        let names = ["zeta", "alpha", "mid", "beta", "omega", "kappa", "aa"]
        let settings = try Settings.parse(
            """
            cluster: c
            nodes: { \(names.map { "\($0): { dsn: \"dbname=\($0)\" }" }.joined(separator: ", ")) }
            syncs:
              second: { nodes: { mid: target, zeta: source, aa: target }, tables: ["z.*", "a.*", "m.*"] }
              first:
                nodes: { omega: source, kappa: source, beta: source }
                tables: ["public.*"]
                overrides: { "z.*": { full_copy: true }, "a.*": { where: x }, "m.?": { where: y } }
            """)
        #expect(settings.nodes.map(\.name) == names)
        #expect(settings.syncs.map(\.name) == ["second", "first"])
        #expect(settings.syncs[0].targets == ["mid", "aa"])
        #expect(settings.syncs[0].tables.map(\.description) == ["z.*", "a.*", "m.*"])
        #expect(settings.syncs[1].sources == ["omega", "kappa", "beta"])
        #expect(settings.syncs[1].overrides.map(\.pattern.description) == ["z.*", "a.*", "m.?"])
    }

    @Test(arguments: [
        ("conflict: latest", ConflictRule.latest), ("conflict: earliest", .earliest), ("conflict: merge", .merge),
        ("conflict: hold", .hold), ("conflict: { prefer: [b, a] }", .prefer(["b", "a"])),
        ("prefer: [b]", .prefer(["b"])),
        ("conflict: { largest: version }", .largest("version")), ("largest: version", .largest("version")),
        ("conflict: { smallest: \"No. 1\" }", .smallest("No. 1")), ("smallest: v", .smallest("v")),
        ("conflict: { function: public.settle }", .function("public.settle")),
        ("function: settle", .function("settle")),
    ])
    func `every conflict rule can be given to a sync and to a table`(_ text: String, _ rule: ConflictRule) throws {
        let sync = try Self.sync(text)
        #expect(sync.conflict == rule && sync.overrides.isEmpty)
        let override = try Self.sync("overrides: { public.item: { \(text) } }")
        #expect(override.conflict == .latest && override.overrides[0].conflict == rule)
        #expect(override.overrides[0].counters.isEmpty)
        let both = try Self.sync("overrides: { public.item: { \(text), counters: [n, m] } }")
        #expect(both.overrides[0].conflict == rule && both.overrides[0].counters == ["n", "m"])
    }

    @Test func `counters can stand below conflict as well`() throws {
        let sync = try Self.sync("overrides: { public.item: { conflict: { counters: [n] } } }")
        #expect(sync.overrides[0].counters == ["n"] && sync.overrides[0].conflict == nil)
    }

    @Test func `names are texts whatever YAML would make of them`() throws {
        // Unquoted no, 1 and 1e3 are a flag and numbers to YAML 1.1, and columns to us.
        let sync = try Self.sync("overrides: { public.item: { columns: [no, 1, 1e3, null_], where: true } }")
        #expect(sync.overrides[0].columns == ["no", "1", "1e3", "null_"] && sync.overrides[0].whereClause == "true")
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("5s", .seconds(5)), ("10m", .seconds(600)), ("1h", .seconds(3600)),
        ("\"90s\"", .seconds(90)), ("9999999h", .seconds(9_999_999 * 3600)),
    ])
    func `durations`(_ text: String, _ duration: Duration) throws {
        let settings = try Settings.parse(Self.failover("freeze_budget: \(text)"))
        #expect(settings.failover?.freezeBudget == duration)
    }

    @Test func `aliases stand for what they name`() throws {
        let sync = try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
            syncs:
              one: { nodes: &both { a: source, b: target }, tables: &all ["public.*"] }
              two: { nodes: *both, tables: *all }
            """
        ).syncs[1]
        #expect(sync.sources == ["a"] && sync.targets == ["b"] && sync.tables.count == 1)
    }

    // MARK: Building configurations

    /// A sync with one more line.
    static func sync(_ line: String) throws -> SyncSettings {
        try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
            syncs:
              s:
                nodes: { a: source, b: target }
                tables: ["public.*"]
                \(line)
            """
        ).syncs[0]
    }

    static func failover(_ line: String) -> String {
        """
        cluster: c
        nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
        syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
        sites: { p: { node: a, address: 192.0.2.1 }, q: { node: b, address: 192.0.2.2 } }
        failover:
          \(line)
        """
    }

    /// A failover makes a standby of the target that is a site's node, and of no other.
    @Test func `a site's target is a standby where the site can move, and a target otherwise`() throws {
        let head = """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" }, c: { dsn: "dbname=c" } }
            syncs:
              main: { nodes: { a: source, b: target, c: target }, tables: ["public.*"] }
              other: { nodes: { c: source, b: target }, tables: ["x.*"] }
            sites:
              one: { node: a, address: 192.0.2.1 }
              two: { node: b, address: 192.0.2.2 }

            """
        let still = try Settings.parse(head)
        #expect(still.syncs[0].sources == ["a"] && still.syncs[0].targets == ["b", "c"] && !still.syncs[0].hasStandbys)
        let moving = try Settings.parse(head + "failover: { mode: manual }\n")
        let (main, other) = (moving.syncs[0], moving.syncs[1])
        #expect(main.sources == ["a", "b"] && main.standbys == ["b"] && main.targets == ["c"])
        #expect(main.namedSources == ["a"] && main.sequencesFollow)
        #expect(moving.isGated("a", main) && moving.isGated("b", main) && !moving.isGated("c", main))
        // Nothing of it is a site's source.
        #expect(other.sources == ["c"] && other.targets == ["b"] && !other.hasStandbys)
    }
}
