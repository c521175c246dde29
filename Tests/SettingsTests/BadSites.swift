extension Refusal {
    static let sites = [
        Refusal(
            .bare(
                "sites: { p: { node: mars, address: example.org }, q: { node: b, address: 192.0.2.1 }, r: { node: b, address: 192.0.2.256 } }"
            ),
            """
            the configuration has 4 errors
            f:4:21: sites.p.node names no node: "mars"
              hint: the nearest is a; known here: a, b
            f:4:36: sites.p.address must be an IP address, not "example.org"
              hint: write it like 192.0.2.10 or 2001:db8::10
            f:4:98: sites.r.node is the node of site q already
              hint: give each site a node of its own
            f:4:110: sites.r.address must be an IP address, not "192.0.2.256"
              hint: write it like 192.0.2.10 or 2001:db8::10
            """),
        Refusal(
            .top("files: { f: { from: p, to: p, path: opt }, g: { from: x, to: q, path: /, every: 10ms } }"),
            """
            the configuration has 4 errors
            f:5:28: files.f.to is the site that the files come from
              hint: name another site
            f:5:37: files.f.path must be a path from the top, not "opt"
              hint: begin it with /
            f:5:55: files.g.from names no site: "x"
              hint: the nearest is p; known here: p, q
            f:5:81: files.g.every is too short: "10ms"
              hint: give it 1s at least
            """),
        Refusal(
            .top(
                #"files: { f: { from: p, to: q, path: /x, every: 1m, cron: "61 * * * *", once: true, conflict: both, exclude: ["[[:a:]]"] } }"#
            ),
            """
            the configuration has 4 errors
            f:5:58: files.f.cron has no minute 61: it takes 0 to 59
              hint: write minute, hour, day, month and weekday: "30 3 * * sun"
            f:5:78: files.f.once stands beside every
              hint: keep one of the two
            f:5:94: files.f.conflict cannot be "both"
              hint: the nearest is p; known here: newer, keep_both, p, q
            f:5:100: files.f.exclude has a pattern with [[:class:]], which is not known here
              hint: write the characters out: [a-z]
            """),
        Refusal(
            .top(
                "files: { f: { from: p, to: q, path: /x, reach: { r: { local: true }, q: { daemon: rsync://u:geheim@h/m, host: h } } } }"
            ),
            """
            the configuration has 3 errors
            f:5:50: files.f.reach.r names no site: "r"
              hint: the nearest is p; known here: p, q
            f:5:83: files.f.reach.q.daemon must be the address of an rsync daemon
              hint: write it like rsync://backup.example.org/opt; user and password have keys of their own
            f:5:111: files.f.reach.q.host is for a remote shell, and daemon stands beside it
              hint: keep one of the two
            """),
        Refusal(
            .bare("files: { f: { from: p, to: q, path: /x } }"),
            """
            the configuration has 2 errors
            f:4:21: files.f.from names no site: "p"
              hint: define it under sites
            f:4:28: files.f.to names no site: "q"
              hint: define it under sites
            """),
        Refusal(
            .top(
                #"health: { checks: [ { http: { url: "ftp://u:geheim@h/" } }, { http: { url: "https://h/", method: head, status: 1000 } } ] }"#
            ),
            """
            the configuration has 3 errors
            f:5:36: health.checks[1].http.url must be a URL
              hint: begin it with https:// or http:// and a host name
            f:5:98: health.checks[2].http.method cannot be "head"
              hint: did you mean HEAD? known here: GET, HEAD, OPTIONS, POST
            f:5:112: health.checks[2].http.status must be a number from 100 to 599, not "1000"
              hint: write it like status: 200
            """),
        Refusal(
            .top(
                #"health: { checks: [ { http: { url: "https://h/", method: HEAD, contains: x } }, { sql: { node: c } }, { exec: { command: [check_http] } } ] }"#
            ),
            """
            the configuration has 3 errors
            f:5:74: health.checks[1].http.contains looks for a text, and the answer to HEAD has none
              hint: use method: GET, or leave contains out
            f:5:96: health.checks[2].sql.node names no node: "c"
              hint: the nearest is a; known here: a, b
            f:5:123: health.checks[3].exec.command[1] must be the whole path of a program, not "check_http"
              hint: begin it with /
            """),
        Refusal(
            .top("health: { checks: [ { sql: { node: a }, exec: { command: [/bin/true] } } ] }"),
            """
            f:5:41: health.checks[1].exec is a second check in one place
              hint: begin each check with a dash of its own
            """),
        Refusal(
            .top(
                #"dns: { provider: { rfc2136: { server: "ns 1", zone: ex_ample..org } }, records: [ { name: a b.org, type: MX, ttl: 1500ms } ] }"#
            ),
            """
            the configuration has 5 errors
            f:5:39: dns.provider.rfc2136.server must be the address of a server, not "ns 1"
              hint: write it like 192.0.2.53 or ns1.example.org
            f:5:53: dns.provider.rfc2136.zone must be a domain name, not "ex_ample..org"
              hint: write it like www.example.org, with letters, digits and -
            f:5:91: dns.records[1].name must be a domain name, not "a b.org"
              hint: write it like www.example.org, with letters, digits and -
            f:5:106: dns.records[1].type cannot be "MX"
              hint: the nearest is A; known here: A, AAAA
            f:5:115: dns.records[1].ttl must be whole seconds, not "1500ms"
              hint: write it like ttl: 60s
            """),
        Refusal(
            .top(
                "dns: { provider: { rfc2136: { server: ns1, zone: example.org } }, records: [ { name: www.example.com, type: AAAA }, { name: Example.org., type: A }, { name: example.org, type: A } ] }"
            ),
            """
            the configuration has 3 errors
            f:5:86: dns.records[1].name is not in the zone example.org
              hint: write the whole name, such as www.example.org
            f:5:109: dns.records[1].type is AAAA, and the address of site p is 192.0.2.1
              hint: give every site an address of the record's kind, or write type: A
            f:5:150: dns.records[3] repeats dns.records[2]
              hint: keep one of the two
            """),
        Refusal(
            .top(
                "dns: { provider: { namecheap: { zone: x.org, user: u, client_ip: \"::1\" }, exec: { command: [dns], zone: x.org } }, records: [ { name: x.org, type: A, ttl: 10m } ] }"
            ),
            """
            the configuration has 5 errors
            f:5:20: dns.provider.namecheap has no key
              hint: add key: "file:/etc/switchback/namecheap"
            f:5:66: dns.provider.namecheap.client_ip must be an IPv4 address, not "::1"
              hint: write it like 192.0.2.10
            f:5:75: dns.provider.exec is a second provider
              hint: keep one: a zone has one place where it is changed
            f:5:93: dns.provider.exec.command[1] must be the whole path of a program, not "dns"
              hint: begin it with /
            f:5:156: dns.records[1].ttl is longer than dns.ttl_max, which is 300s
              hint: shorten it, or raise dns.ttl_max: for so long people may be led to a site that is down
            """),
        Refusal(
            .top(
                #"dns: { provider: { cloudflare: { zone: x.org, token: t, url: "http://dns.example.net" } }, servers: [ "a b" ], ttl_max: 1ms, changed_percent_max: 0, records: [ { name: x.org, type: A } ] }"#
            ),
            """
            the configuration has 4 errors
            f:5:62: dns.provider.cloudflare.url would send secrets over http
              hint: begin it with https://
            f:5:103: dns.servers[1] must be the address of a server, not "a b"
              hint: write it like 192.0.2.53 or ns1.example.org
            f:5:121: dns.ttl_max is too short: "1ms"
              hint: give it 1s at least
            f:5:147: dns.changed_percent_max must be a number from 1 to 100, not "0"
              hint: write it like changed_percent_max: 30
            """),
        Refusal(
            .bare(
                "dns: { provider: { rfc2136: { server: ns1, zone: example.org } }, records: [ { name: example.org, type: A } ] }"
            ),
            """
            f:4:1: dns needs sites: records take their values from the active one's address
              hint: add sites: { primary: { node: raleigh, address: 192.0.2.10 }, secondary: { node: durham, address: 198.51.100.20 } }
            """),
        Refusal(
            .bare("failover: {}"),
            """
            f:4:1: failover needs two sites to move between
              hint: add sites: { primary: { node: raleigh, address: 192.0.2.10 }, secondary: { node: durham, address: 198.51.100.20 } }
            """),
        Refusal(
            .top("failover: { mode: automatic }"),
            """
            f:5:19: failover.mode is automatic, and nothing tells when the site is down
              hint: add health: { checks: [{ http: { url: "https://www.example.org/" } }] }, or write mode: manual
            """),
        Refusal(
            .top("failover: { mode: auto }"),
            """
            f:5:19: failover.mode cannot be "auto"
              hint: did you mean automatic? known here: automatic, manual
            """),
        Refusal(
            .top("failover: { lease: { etcd: [\"https://e:2379\"], user: u } }"),
            """
            f:5:13: failover.lease has no password
              hint: add password: "file:/etc/switchback/etcd"
            """),
        Refusal(
            .top("failover: { lease: { etcd: [\"https://e:2379\"], user: u, token: geheim } }"),
            """
            f:5:54: failover.lease.user cannot stand beside token
              hint: give a token, or user and password
            """),
    ]
}
