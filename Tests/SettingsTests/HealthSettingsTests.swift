import Model
import Settings
import Testing

@Suite("Health and notify, typed") struct HealthSettingsTests {
    private func parse(_ rest: String) throws -> Settings {
        try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
            syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
            sites: { p: { node: a, address: 192.0.2.1 }, q: { node: b, address: 192.0.2.2 } }
            \(rest)
            """, environment: ["TOKEN": "geheim"])
    }

    private func problems(_ rest: String) -> [String] {
        do {
            _ = try parse(rest)
            return []
        } catch { return (error as? SettingsError)?.problems.map { "\($0.message) | \($0.remedy)" } ?? [] }
    }

    @Test func `every key of health has its value`() throws {
        let health = try #require(
            try parse(
                """
                health:
                  every: 10s
                  recheck: 500ms
                  timeout: 3s
                  fall: 2
                  rise: 4
                  down_weight: 3
                  observer: office
                  observers: [office, raleigh, durham]
                  vote_age: 40s
                  witnesses: ["192.0.2.1:443", "[2001:db8::1]:53", "gw.example.org:22"]
                  checks:
                    - http: { url: "https://u:p@[2001:db8::2]/x?y", matches: "^ok", header: "X-Site: p", headers: { Host: h }, address: 192.0.2.9, verify: false, ca_file: /ca, follow: true }
                      name: page
                      site: p
                      weight: 2
                      timeout: 1s
                      every: 30s
                    - tcp: { host: db1, port: 5432 }
                    - sql: { node: b, max_lag: 60s, max_pending_rows: 1000 }
                    - exec: { command: [/bin/check, geheim], environment: { A: "${TOKEN}" }, warning: down }
                    - file_age: { path: /opt/x, max_age: 10m }
                    - tcp: { host: db1, port: 5432 }
                """
            ).health)
        #expect(health.every == .seconds(10) && health.recheck == .milliseconds(500))
        #expect(health.fall == 2 && health.rise == 4 && health.downWeight == 3)
        #expect(health.observer == "office" && health.observers == ["office", "raleigh", "durham"])
        #expect(health.voteAge == .seconds(40))
        #expect(health.witnesses.map(\.description) == ["192.0.2.1:443", "[2001:db8::1]:53", "gw.example.org:22"])
        #expect(
            health.checks.map(\.name) == [
                "page", "tcp db1:5432", "sql b", "exec check", "file /opt/x", "tcp db1:5432 (2)",
            ])
        #expect(health.checks.map(\.site) == ["p", nil, nil, nil, nil, nil])
        #expect(health.checks.map(\.weight) == [2, 1, 1, 1, 1, 1])
        #expect(health.checks.map(\.timeout) == [.seconds(1)] + Array(repeating: .seconds(3), count: 5))
        #expect(health.checks.map(\.every) == [.seconds(30)] + Array(repeating: nil, count: 5))
        guard case .http(let page) = health.checks[0].kind, case .sql(let sql) = health.checks[2].kind,
            case .exec(let exec) = health.checks[3].kind, case .fileAge(let file) = health.checks[4].kind
        else {
            Issue.record("\(health.checks)")
            return
        }
        #expect(page.matches?.text == "^ok" && page.answerHeader?.name == "X-Site" && page.answerHeader?.text == "p")
        #expect(page.headers.map(\.name) == ["Host"] && page.address?.description == "192.0.2.9")
        #expect(!page.verifiesTLS && page.caFile == "/ca" && page.followsRedirects)
        #expect(
            page.place == NetworkPlace(host: "2001:db8::2", port: 443)
                && page.description == "GET https://[2001:db8::2]/x")
        #expect(sql.lagMax == .seconds(60) && sql.pendingRowsMax == 1000 && !sql.write)
        #expect(exec.environment == ["A": Secret("geheim")] && exec.warningIsDown)
        #expect(file.path == "/opt/x" && file.ageMax == .seconds(600))
    }

    @Test func `what is left out of health has its default`() throws {
        let health = try #require(
            try parse("health: { every: 20s, checks: [ { http: { url: \"http://h/\" } } ] }").health)
        #expect(health.recheck == .seconds(1) && health.voteAge == .seconds(60) && health.downWeight == nil)
        #expect(health.observer == nil && health.observers == [] && health.witnesses == [])
        #expect(health.checks[0].timeout == .seconds(5) && health.checks[0].weight == 1)
        guard case .http(let page) = health.checks[0].kind else { return }
        #expect(page.verifiesTLS && !page.followsRedirects && page.place.port == 80)
        let quick = try parse("health: { every: 200ms, checks: [ { sql: { node: a } } ] }").health
        #expect(quick?.recheck == .milliseconds(200) && quick?.voteAge == .seconds(15))
    }

    @Test(arguments: [
        ("{ tcp: { host: \"a b\", port: 0 } }", "health.checks[1].tcp.host must be the name or address of a host"),
        ("{ http: { url: \"http://h/\", matches: \"(\" } }", "health.checks[1].http.matches is no expression: "),
        ("{ http: { url: \"http://h/\", header: \"a b\" } }", "health.checks[1].http.header must begin with the name"),
        ("{ http: { url: \"http://h/\", headers: { \"a b\": c } } }", "health.checks[1].http.headers.a b cannot be"),
        (
            "{ http: { url: \"http://h/\", headers: { A: \"b\\nC: d\" } } }",
            "health.checks[1].http.headers.A has more than"
        ),
        (
            "{ http: { url: \"http://h/\", method: HEAD, matches: x } }",
            "health.checks[1].http.matches looks for a text"
        ),
        ("{ exec: { command: [/x], warning: maybe } }", "health.checks[1].exec.warning cannot be \"maybe\""),
        ("{ exec: { command: [/x], environment: { \"A=B\": c } } }", "health.checks[1].exec.environment."),
        ("{ file_age: { path: x, max_age: 5 } }", "health.checks[1].file_age.path must be a path from the top"),
        ("{ sql: { node: a }, site: mars }", "health.checks[1].site names no site: \"mars\""),
        ("{ weight: 2 }", "health.checks[1] is no check"),
        ("{ sql: { node: a }, weight: 0 }", "health.checks weigh nothing"),
    ]) func `what is wrong with a check is told with its place and remedy`(_ check: String, _ message: String) {
        let found = problems("health: { checks: [ \(check) ] }")
        #expect(found.contains { $0.hasPrefix(message) && !$0.hasSuffix("| ") }, "\(found)")
    }

    @Test(arguments: [
        ("down_weight: 3", "health.down_weight is 3, and all checks together weigh 2"),
        ("witnesses: [gateway]", "health.witnesses[1] must be a host and a port"),
        ("witnesses: [\"2001:db8::1:443\"]", "health.witnesses[1] must be a host and a port"),
        ("vote_age: 1s", "health.vote_age is shorter than health.every"),
        ("observers: []", "health.observers is an empty list"),
        ("observer: \"a b\"", "health.observer cannot be \"a b\""),
        ("recheck: 1ms", "health.recheck is too short"),
    ]) func `what is wrong with health is told`(_ line: String, _ message: String) {
        let found = problems(
            "health: { \(line), checks: [ { sql: { node: a }, name: x }, { sql: { node: b }, name: y } ] }")
        #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
    }

    @Test func `two checks of one name are told`() {
        let found = problems("health: { checks: [ { sql: { node: a }, name: x }, { sql: { node: b }, name: x } ] }")
        #expect(found == ["health.checks[2] has the name of health.checks[1] | give each check a name of its own"])
    }

    @Test func `every key of notify has its value`() throws {
        let notify = try parse(
            """
            notify:
              - webhook: { url: "https://chat.example.org/hooks/geheim", headers: { Authorization: "${TOKEN}" }, ca_file: /ca }
              - email: { server: "mail.example.org:587", from: a@example.org, to: [b@example.org, c@example.org], user: u, password: geheim }
                tries: 2
              - exec: { command: [/bin/page, geheim], environment: { A: "${TOKEN}" } }
                name: pager
                timeout: 3s
              - email: { server: "localhost:25", from: a@example.org, to: [b@example.org] }
            """
        ).notify
        #expect(
            notify.map(\.name) == [
                "webhook at chat.example.org:443", "email to b@example.org, c@example.org", "pager",
                "email to b@example.org",
            ])
        #expect(notify.map(\.tries) == [4, 2, 4, 4] && notify[2].timeout == .seconds(3))
        guard case .webhook(let webhook) = notify[0].kind, case .email(let email) = notify[1].kind,
            case .exec(let program) = notify[2].kind, case .email(let plain) = notify[3].kind
        else {
            Issue.record("\(notify)")
            return
        }
        #expect(webhook.url.value.hasSuffix("/geheim") && webhook.headers.map(\.value.value) == ["geheim"])
        #expect(email.security == .always && plain.security == .offered && email.password?.value == "geheim")
        #expect(program.command == ["/bin/page", "geheim"] && program.environment["A"]?.value == "geheim")
        #expect(!"\(notify.map(\.name))".contains("geheim"))
    }

    @Test(arguments: [
        ("{ email: { server: h, from: a, to: [] } }", "notify[1].email.server must be a host and a port"),
        (
            "{ email: { server: \"h:25\", from: \"a@b <c@d>\", to: [x@y] } }",
            "notify[1].email.from must be a mail address"
        ),
        (
            "{ email: { server: \"h:25\", from: a@b, to: [x@y], password: z } }",
            "notify[1].email.password is given without"
        ),
        ("{ email: { server: \"h:25\", from: a@b, to: [x@y], tls: maybe } }", "notify[1].email.tls cannot be"),
        ("{ webhook: { url: \"mailto:x\" } }", "notify[1].webhook.url must be a URL"),
        ("{ exec: { command: [page] } }", "notify[1].exec.command[1] must be the whole path"),
        ("{ tries: 3 }", "notify[1] tells nobody"),
        ("{ tries: 0, exec: { command: [/x] } }", "notify[1].tries must be"),
        ("{ exec: { command: [/x] }, webhook: { url: \"http://h/\" } }", "notify[1].exec is a second one"),
    ]) func `what is wrong with a receiver is told`(_ receiver: String, _ message: String) {
        let found = problems("notify: [ \(receiver) ]")
        #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
    }
}
