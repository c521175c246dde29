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
        root, node, sync, rule, override, site, files, reach, mover, references, health, check, httpCheck, tcpCheck,
        sqlCheck, execCheck, fileAgeCheck, dns, provider, rfc2136, powerdns, route53, cloudflare, namecheap, execDNS,
        record, failover, failback, hooks, lease, limits, notify, webhook, email, notifyProgram,
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
            "notify": "[{ webhook: { url: \"https://chat.example.org/hooks/ops\" } }]",
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
            "lost_after": "168h",
            "clock_skew_limit": "5s",
            "history_keep": "2160h",
            "links": "[[raleigh, durham], [durham, boone]]",
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
        [
            "every": "5s", "fall": "3", "rise": "5", "checks": "[{ http: { url: \"https://www.example.org/\" } }]",
            "recheck": "1s", "timeout": "5s", "down_weight": "3", "observer": "raleigh",
            "observers": "[raleigh, durham, office]", "vote_age": "15s", "witnesses": "[\"192.0.2.1:443\"]",
        ])

    static let check = Keys(
        "health.checks[]",
        [
            "http": "{ url: \"https://www.example.org/\" }",
            "tcp": "{ host: db1.example.org, port: 5432 }",
            "sql": "{ node: raleigh }",
            "exec": "{ command: [/usr/lib/nagios/plugins/check_http, -H, www.example.org] }",
            "file_age": "{ path: /opt/.last_copy, max_age: 10m }",
            "name": "search page", "site": "primary", "weight": "2", "timeout": "5s", "every": "30s",
        ])

    static let httpCheck = Keys(
        "health.checks[].http",
        [
            "url": "\"https://www.example.org/\"", "method": "HEAD", "status": "200",
            "contains": "\"Search results\"", "matches": "\"^[0-9]+ results\"", "header": "\"X-Site: primary\"",
            "headers": "{ User-Agent: probe }", "address": "192.0.2.10", "verify": "true",
            "ca_file": "/etc/switchback/ca.pem", "follow": "true",
        ])

    static let tcpCheck = Keys("health.checks[].tcp", ["host": "db1.example.org", "port": "5432"])

    static let sqlCheck = Keys(
        "health.checks[].sql",
        ["node": "raleigh", "write": "true", "max_lag": "60s", "max_pending_rows": "100000"])

    static let execCheck = Keys(
        "health.checks[].exec",
        [
            "command": "[/usr/lib/nagios/plugins/check_http, -H, www.example.org]",
            "environment": "{ PGPASSWORD: \"${PASSWORD}\" }", "warning": "up",
        ])

    static let fileAgeCheck = Keys("health.checks[].file_age", ["path": "/opt/.last_copy", "max_age": "10m"])

    static let notify = Keys(
        "notify[]",
        [
            "webhook": "{ url: \"https://chat.example.org/hooks/ops\" }",
            "email": "{ server: \"mail.example.org:25\", from: switchback@example.org, to: [ops@example.org] }",
            "exec": "{ command: [/usr/local/bin/page] }", "name": "operators", "timeout": "10s", "tries": "4",
        ])

    static let webhook = Keys(
        "notify[].webhook",
        [
            "url": "\"https://chat.example.org/hooks/ops\"",
            "headers": "{ Authorization: \"file:/etc/switchback/token\" }",
            "ca_file": "/etc/switchback/ca.pem",
        ])

    static let email = Keys(
        "notify[].email",
        [
            "server": "\"mail.example.org:25\"", "from": "switchback@example.org", "to": "[ops@example.org]",
            "user": "switchback", "password": "\"file:/etc/switchback/mail\"", "tls": "always",
            "ca_file": "/etc/switchback/ca.pem",
        ])

    static let notifyProgram = Keys(
        "notify[].exec", ["command": "[/usr/local/bin/page]", "environment": "{ TOKEN: \"${TOKEN}\" }"])

    static let dns = Keys(
        "dns",
        [
            "provider": "{ rfc2136: { server: 192.0.2.53, zone: example.org } }",
            "records": "[{ name: www.example.org, type: A }]",
            "servers": "[ns1.example.org, 192.0.2.53]",
            "ttl_max": "5m",
            "changed_percent_max": "30",
            "timeout": "10s",
        ])

    static let provider = Keys(
        "dns.provider",
        [
            "rfc2136": "{ server: 192.0.2.53, zone: example.org }",
            "powerdns":
                "{ url: \"http://127.0.0.1:8081\", zone: example.org, key: \"file:/etc/switchback/powerdns\" }",
            "route53":
                "{ zone: example.org, access_key: \"${AWS_ACCESS_KEY_ID}\", secret_key: \"${AWS_SECRET_ACCESS_KEY}\" }",
            "cloudflare": "{ zone: example.org, token: \"file:/etc/switchback/cloudflare\" }",
            "namecheap":
                "{ zone: example.org, user: library, key: \"file:/etc/switchback/namecheap\", client_ip: 192.0.2.10 }",
            "exec": "{ command: [/usr/local/bin/our-dns], zone: example.org }",
        ])

    static let rfc2136 = Keys(
        "dns.provider.rfc2136",
        ["server": "192.0.2.53", "zone": "example.org", "key": "\"file:/etc/switchback/tsig\""])

    static let powerdns = Keys(
        "dns.provider.powerdns",
        [
            "url": "\"http://127.0.0.1:8081\"", "zone": "example.org", "key": "\"file:/etc/switchback/powerdns\"",
            "server_id": "localhost",
        ])

    static let route53 = Keys(
        "dns.provider.route53",
        [
            "zone": "example.org", "zone_id": "Z1D633PJN98FT9", "access_key": "\"${AWS_ACCESS_KEY_ID}\"",
            "secret_key": "\"${AWS_SECRET_ACCESS_KEY}\"", "session_token": "\"${AWS_SESSION_TOKEN}\"",
            "region": "us-east-1", "url": "\"https://route53.amazonaws.com\"",
        ])

    static let cloudflare = Keys(
        "dns.provider.cloudflare",
        [
            "zone": "example.org", "token": "\"file:/etc/switchback/cloudflare\"",
            "url": "\"https://api.cloudflare.com/client/v4\"",
        ])

    static let namecheap = Keys(
        "dns.provider.namecheap",
        [
            "zone": "example.org", "user": "library", "account": "library",
            "key": "\"file:/etc/switchback/namecheap\"", "client_ip": "192.0.2.10",
            "url": "\"https://api.namecheap.com/xml.response\"",
        ])

    static let execDNS = Keys(
        "dns.provider.exec", ["command": "[/usr/local/bin/our-dns]", "zone": "example.org"])

    static let record = Keys("dns.records[]", ["name": "www.example.org", "type": "A", "ttl": "60s"])

    static let failover = Keys(
        "failover",
        [
            "mode": "manual", "freeze_budget": "30s", "failback": "{ mode: freeze, after: 30m }", "unfenced": "allow",
            "terminate_sessions": "true", "hooks": "{ stop: [/usr/local/sbin/site, stop] }",
            "lease": "{ etcd: [\"http://192.0.2.30:2379\"] }", "limits": "{ drain: 30s }",
        ])

    static let failback = Keys("failover.failback", ["mode": "freeze", "after": "30m"])

    static let hooks = Keys(
        "failover.hooks", ["stop": "[/usr/local/sbin/site, stop]", "start": "[/usr/local/sbin/site, start]"])

    static let lease = Keys(
        "failover.lease",
        [
            "etcd": "[\"http://192.0.2.30:2379\"]", "ttl": "15s", "user": "switchback",
            "password": "\"file:/etc/switchback/etcd\"", "token": "\"file:/etc/switchback/etcd-token\"",
            "ca_file": "/etc/switchback/ca.pem",
        ])

    static let limits = Keys(
        "failover.limits",
        [
            "node": "10s", "lost": "3s", "catch_up": "10m", "drain": "30s", "compare": "30m", "hook": "20s",
            "files": "10m", "dns": "30s", "dns_verify": "2m", "linger": "3m", "verify": "15s",
        ])
}
