/// The keys that one kind of section knows, and how each is written.
package struct Keys: Sendable {
    package struct Key: Sendable {
        package let name: String
        /// A value that may stand there, for hints.
        package let example: String
    }

    /// The section as documentation and hints call it: `syncs.NAME`; empty for the whole file.
    package let place: String
    package let keys: [Key]

    var names: [String] { keys.map(\.name) }

    func example(of name: String) -> String? { keys.first { $0.name == name }.map { "\($0.name): \($0.example)" } }

    private init(_ place: String, _ keys: KeyValuePairs<String, String>) {
        self.place = place
        self.keys = keys.map { Key(name: $0.key, example: $0.value) }
    }

    /// Every key that is known, by its whole path: `syncs.NAME.tables`.
    package static var paths: [String] {
        all.flatMap { section in section.names.map { section.place.isEmpty ? $0 : section.place + "." + $0 } }
    }

    /// Every kind of section.
    package static let all = [
        root, node, sync, rule, override, site, files, reach, mover, references, health, check, httpCheck, sqlCheck,
        execCheck, dns, provider,
        rfc2136, record, failover,
    ]

    /// Where a key of this name is known.
    static func homes(of name: String) -> [String] {
        all.filter { $0.names.contains(name) }.map { $0.place.isEmpty ? "the top level" : $0.place }
    }

    static let root = Keys(
        "",
        [
            "cluster": "library",
            "nodes": "{ raleigh: { dsn: \"host=db1 dbname=library\" } }",
            "syncs": "{ library: { nodes: { raleigh: source, durham: target }, tables: [\"public.*\"] } }",
            "sites":
                "{ primary: { node: raleigh, address: 192.0.2.10 }, secondary: { node: durham, address: 198.51.100.20 } }",
            "files": "{ opt: { from: primary, to: secondary, path: /opt/ } }",
            "health": "{ checks: [{ http: { url: \"https://www.example.org/\" } }] }",
            "dns": "{ provider: {…}, records: […] }",
            "failover": "{ mode: manual }",
        ])

    static let node = Keys("nodes.NAME", ["dsn": "\"host=db1 dbname=library user=switchback sslmode=verify-full\""])

    static let sync = Keys(
        "syncs.NAME",
        [
            "nodes": "{ raleigh: source, durham: target }",
            "tables": "[\"public.*\"]",
            "exclude": "[\"public.scratch_*\"]",
            "conflict": "latest",
            "prefer": "[raleigh, durham]",
            "largest": "version",
            "smallest": "version",
            "function": "public.settle",
            "overrides": "{ public.item: { conflict: merge } }",
        ])

    /// What `conflict` holds when it is more than a word.
    static let rule = Keys(
        "syncs.NAME.conflict",
        [
            "prefer": "[raleigh, durham]", "counters": "[total]", "largest": "version", "smallest": "version",
            "function": "public.settle",
        ])

    static let override = Keys(
        "syncs.NAME.overrides.TABLE",
        [
            "conflict": "merge",
            "prefer": "[raleigh, durham]",
            "counters": "[total]",
            "largest": "version",
            "smallest": "version",
            "function": "public.settle",
            "where": "\"active\"",
            "columns": "[id, email]",
            "full_copy": "true",
        ])

    static let site = Keys("sites.NAME", ["node": "raleigh", "address": "192.0.2.10"])

    static let files = Keys(
        "files.NAME",
        [
            "from": "primary", "to": "secondary", "path": "/opt/", "every": "1m", "delete": "true",
            "exclude": "[\"access.log*\", \"log/\"]",
            "include": "[\"log/keep/\"]",
            "cron": "\"30 3 * * sun\"",
            "once": "true",
            "watch": "true",
            "hard_links": "true",
            "acls": "true",
            "xattrs": "true",
            "sparse": "true",
            "whole_file": "true",
            "compress": "true",
            "checksum": "true",
            "bandwidth": "5000",
            "timeout": "60s",
            "max_deletions": "1000",
            "max_deletions_percent": "10",
            "keep_backups": "336h",
            "alarm_after": "1h",
            "conflict": "newer",
            "pull": "true",
            "reach": "{ secondary: { host: backup.example.org, user: sync } }",
            "mover": "{ exec: [/usr/local/bin/mover] }",
            "referenced_by": "{ table: public.bitstream, column: path }",
        ])

    static let reach = Keys(
        "files.NAME.reach.SITE",
        [
            "local": "true", "path": "/srv/opt/", "shell": "[ssh, -p, \"2222\"]", "host": "backup.example.org",
            "user": "sync", "daemon": "\"rsync://backup.example.org/opt\"",
            "password": "\"file:/etc/switchback/rsync\"",
        ])

    static let mover = Keys("files.NAME.mover", ["exec": "[/usr/local/bin/mover]", "timeout": "1h"])

    static let references = Keys(
        "files.NAME.referenced_by", ["table": "public.bitstream", "column": "path", "hold": "true"])

    static let health = Keys(
        "health",
        ["every": "5s", "fall": "3", "rise": "5", "checks": "[{ http: { url: \"https://www.example.org/\" } }]"])

    static let check = Keys(
        "health.checks[]",
        [
            "http": "{ url: \"https://www.example.org/\" }",
            "sql": "{ node: raleigh }",
            "exec": "{ command: [/usr/lib/nagios/plugins/check_http, -H, www.example.org] }",
        ])

    static let httpCheck = Keys(
        "health.checks[].http",
        [
            "url": "\"https://www.example.org/\"", "method": "HEAD", "status": "200",
            "contains": "\"Search results\"",
        ])

    static let sqlCheck = Keys("health.checks[].sql", ["node": "raleigh", "write": "true"])

    static let execCheck = Keys(
        "health.checks[].exec", ["command": "[/usr/lib/nagios/plugins/check_http, -H, www.example.org]"])

    static let dns = Keys(
        "dns",
        [
            "provider": "{ rfc2136: { server: 192.0.2.53, zone: example.org } }",
            "records": "[{ name: www.example.org, type: A }]",
        ])

    static let provider = Keys("dns.provider", ["rfc2136": "{ server: 192.0.2.53, zone: example.org }"])

    static let rfc2136 = Keys(
        "dns.provider.rfc2136",
        ["server": "192.0.2.53", "zone": "example.org", "key": "\"file:/etc/switchback/tsig\""])

    static let record = Keys("dns.records[]", ["name": "www.example.org", "type": "A", "ttl": "60s"])

    static let failover = Keys("failover", ["mode": "manual", "freeze_budget": "30s"])
}
