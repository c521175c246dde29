import Settings
import Testing

@Suite("A secret is not seen (P12)") struct SecretTests {
    private func printed(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        let mirror = Mirror(reflecting: value).children.map { "\($0.value)" }.joined()
        return ["\(value)", String(reflecting: value), String(describing: value), dumped, mirror]
    }

    @Test func `it prints as a dot triple, however it is printed`() {
        let secret = Secret("geheim")
        #expect(secret.value == "geheim")
        #expect("\(secret)" == "…" && String(reflecting: secret) == "…")
        for text in printed(secret) + printed(Optional(secret)) + printed([secret]) + printed(["key": secret]) {
            #expect(!text.contains("geheim"), "\(text)")
        }
    }

    @Test(arguments: [
        "rfc2136: { server: ns, zone: x.org, key: geheim }",
        "powerdns: { url: \"http://h\", zone: x.org, key: geheim }",
        "route53: { zone: x.org, access_key: geheim, secret_key: geheim, session_token: geheim }",
        "cloudflare: { zone: x.org, token: geheim }",
        "namecheap: { zone: x.org, user: u, key: geheim, client_ip: 192.0.2.1 }",
    ]) func `it stays unseen in the settings that hold it`(_ provider: String) throws {
        let settings = try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "host=h password=geheim" }, b: { dsn: "${DSN}" } }
            syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
            sites: { p: { node: a, address: 192.0.2.1 }, q: { node: b, address: 192.0.2.2 } }
            health: { checks: [ { http: { url: "https://u:geheim@h/?geheim", headers: { A: geheim } } }, { exec: { command: [/bin/true], environment: { A: geheim } } } ] }
            notify: [ { webhook: { url: "https://h/geheim", headers: { A: geheim } } }, { email: { server: "h:25", from: a@b.c, to: [d@e.f], user: u, password: geheim } }, { exec: { command: [/bin/true], environment: { A: geheim } } } ]
            dns: { provider: { \(provider) }, records: [ { name: x.org, type: A } ] }
            """, environment: ["DSN": "geheim"])
        #expect(settings.nodes[1].dsn.value == "geheim")
        for text in printed(settings) { #expect(!text.contains("geheim"), "\(text)") }
    }
}
