extension Refusal {
    static let unknownKeys = [
        Refusal(
            .top("failovr: {}"),
            """
            f:5:1: unknown key "failovr"
              hint: did you mean failover? known here: cluster, nodes, syncs, sites, files, health, dns, failover, notify
            """),
        Refusal(
            .top("xyzzy: 1"),
            """
            f:5:1: unknown key "xyzzy"
              hint: the nearest is syncs; known here: cluster, nodes, syncs, sites, files, health, dns, failover, notify
            """),
        Refusal(
            .top("node: 1"),
            """
            f:5:1: unknown key "node"
              hint: did you mean nodes? known here: cluster, nodes, syncs, sites, files, health, dns, failover, notify
            """),
        Refusal(
            .top(#"tables: ["public.*"]"#),
            """
            f:5:1: unknown key "tables"
              hint: tables is a key of syncs.NAME; the nearest is files; known here: cluster, nodes, syncs, sites, files, health, dns, failover, notify
            """),
        Refusal(
            .top("Cluster: c"),
            """
            f:5:1: unknown key "Cluster"
              hint: did you mean cluster? known here: cluster, nodes, syncs, sites, files, health, dns, failover, notify
            """),
        Refusal(
            .sync("tabels: []"),
            """
            f:7:5: unknown key "tabels" in syncs.s
              hint: did you mean tables? known here: nodes, tables, exclude, conflict, prefer, largest, smallest, function, overrides, lost_after, clock_skew_limit, history_keep, links
            """),
        Refusal(
            .sync("dsn: x"),
            """
            f:7:5: unknown key "dsn" in syncs.s
              hint: dsn is a key of nodes.NAME; the nearest is nodes; known here: nodes, tables, exclude, conflict, prefer, largest, smallest, function, overrides, lost_after, clock_skew_limit, history_keep, links
            """),
        Refusal(
            .sync("counters: [n]"),
            """
            f:7:5: unknown key "counters" in syncs.s
              hint: counters is a key of syncs.NAME.conflict and syncs.NAME.overrides.TABLE; the nearest is nodes; known here: nodes, tables, exclude, conflict, prefer, largest, smallest, function, overrides, lost_after, clock_skew_limit, history_keep, links
            """),
        Refusal(
            .sync("overrides: { public.a: { wehre: x } }"),
            """
            f:7:30: unknown key "wehre" in syncs.s.overrides.public.a
              hint: did you mean where? known here: conflict, prefer, counters, largest, smallest, function, where, columns, full_copy
            """),
        Refusal(
            .sync("overrides: { public.a: { tables: [x] } }"),
            """
            f:7:30: unknown key "tables" in syncs.s.overrides.public.a
              hint: tables is a key of syncs.NAME; the nearest is largest; known here: conflict, prefer, counters, largest, smallest, function, where, columns, full_copy
            """),
        Refusal(
            .sync("<<: {}"),
            """
            f:7:5: unknown key "<<" in syncs.s
              hint: write the keys out, or give a whole value by an alias; merge keys are not read
            """),
        Refusal(
            .sync(
                """
                ? [a]
                    : 1
                """),
            """
            f:7:7: a key in syncs.s is not a text
              hint: known here: nodes, tables, exclude, conflict, prefer, largest, smallest, function, overrides, lost_after, clock_skew_limit, history_keep, links
            """),
        Refusal(
            .top("health: { evry: 5s, checks: [ { htpp: {} } ] }"),
            """
            the configuration has 2 errors
            f:5:11: unknown key "evry" in health
              hint: did you mean every? known here: every, fall, rise, checks, recheck, timeout, down_weight, observer, observers, vote_age, witnesses
            f:5:33: unknown key "htpp" in health.checks[1]
              hint: did you mean http? known here: http, tcp, sql, exec, file_age, name, site, weight, timeout, every
            """),
        Refusal(
            .top("dns: { provider: { powredns: {} }, records: [ { name: x.org, type: A } ] }"),
            """
            f:5:20: unknown key "powredns" in dns.provider
              hint: did you mean powerdns? known here: rfc2136, powerdns, route53, cloudflare, namecheap, exec
            """),
        Refusal(
            .top(#""host=db1 password=geheim": 1"#),
            """
            f:5:1: unknown key "…"
              hint: the nearest is nodes; known here: cluster, nodes, syncs, sites, files, health, dns, failover, notify
            """),
    ]

    static let missingKeys = [
        Refusal(
            .whole(#"nodes: { a: { dsn: "dbname=a" } }"#),
            """
            the configuration has 2 errors
            f: the key cluster is missing
              hint: add cluster: library
            f: the key syncs is missing
              hint: add syncs: { library: { nodes: { raleigh: source, durham: target }, tables: ["public.*"] } }
            """),
        Refusal(
            .whole("{}"),
            """
            the configuration has 3 errors
            f: the key cluster is missing
              hint: add cluster: library
            f: the key nodes is missing
              hint: add nodes: { raleigh: { dsn: "host=db1 dbname=library" } }
            f: the key syncs is missing
              hint: add syncs: { library: { nodes: { raleigh: source, durham: target }, tables: ["public.*"] } }
            """),
        Refusal(
            .whole(
                """
                cluster: c
                nodes: { a: {}, b: { dsn: } }
                syncs: { s: {} }
                """),
            """
            the configuration has 4 errors
            f:2:10: nodes.a has no dsn
              hint: add dsn: "host=db1 dbname=library user=switchback sslmode=verify-full"
            f:2:27: nodes.b.dsn has no value
              hint: write it like dsn: "host=db1 dbname=library user=switchback sslmode=verify-full"
            f:3:10: syncs.s has no nodes
              hint: add nodes: { raleigh: source, durham: target }
            f:3:10: syncs.s has no tables
              hint: add tables: ["public.*"]
            """),
        Refusal(
            .top("files: { f: {} }"),
            """
            the configuration has 3 errors
            f:5:10: files.f has no from
              hint: add from: primary
            f:5:10: files.f has no to
              hint: add to: secondary
            f:5:10: files.f has no path
              hint: add path: /opt/
            """),
        Refusal(
            .top("health: {}"),
            """
            f:5:1: health has no checks
              hint: add checks: [{ http: { url: "https://www.example.org/" } }]
            """),
        Refusal(
            .top("health: { checks: [ {}, { http: {} }, { sql: {} }, { exec: {} } ] }"),
            """
            the configuration has 4 errors
            f:5:21: health.checks[1] is no check
              hint: write it like http: { url: "https://www.example.org/" }
            f:5:27: health.checks[2].http has no url
              hint: add url: "https://www.example.org/"
            f:5:41: health.checks[3].sql has no node
              hint: add node: raleigh
            f:5:54: health.checks[4].exec has no command
              hint: add command: [/usr/lib/nagios/plugins/check_http, -H, www.example.org]
            """),
        Refusal(
            .top("dns: {}"),
            """
            the configuration has 2 errors
            f:5:1: dns has no provider
              hint: add provider: { rfc2136: { server: 192.0.2.53, zone: example.org } }
            f:5:1: dns has no records
              hint: add records: [{ name: www.example.org, type: A }]
            """),
        Refusal(
            .top("dns: { provider: {}, records: [ {} ] }"),
            """
            the configuration has 3 errors
            f:5:8: dns.provider names no provider
              hint: write rfc2136: { server: 192.0.2.53, zone: example.org }
            f:5:33: dns.records[1] has no name
              hint: add name: www.example.org
            f:5:33: dns.records[1] has no type
              hint: add type: A
            """),
        Refusal(
            .top("dns: { provider: { rfc2136: {} }, records: [ { name: x.org, type: A } ] }"),
            """
            the configuration has 2 errors
            f:5:20: dns.provider.rfc2136 has no server
              hint: add server: 192.0.2.53
            f:5:20: dns.provider.rfc2136 has no zone
              hint: add zone: example.org
            """),
    ]

    static let keysTwice = [
        Refusal(
            .whole(
                """
                cluster: c
                cluster: c
                nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
                syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
                """),
            """
            f:2:1: the key "cluster" stands a second time; the first is on line 1
              hint: keep one of the two
            """),
        Refusal(
            .bare(
                """
                "cluster": d
                cluster: e
                noodes: 1
                """),
            """
            the configuration has 3 errors
            f:4:1: the key "cluster" stands a second time; the first is on line 1
              hint: keep one of the two
            f:5:1: the key "cluster" stands a second time; the first is on line 1
              hint: keep one of the two
            f:6:1: unknown key "noodes"
              hint: did you mean nodes? known here: cluster, nodes, syncs, sites, files, health, dns, failover, notify
            """),
        Refusal(
            .whole(
                """
                cluster: c
                nodes:
                  a: { dsn: "dbname=a" }
                  b: { dsn: "dbname=b" }
                  a: { dsn: "dbname=geheim" }
                syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
                """),
            """
            f:5:3: the key "a" stands a second time; the first is on line 3
              hint: keep one of the two
            """),
        Refusal(
            .sync(#"overrides: { public.a: { where: x }, '"public".a': { where: y } }"#),
            """
            f:7:42: syncs.s.overrides."public".a means the same tables as "public.a" on line 7
              hint: make one override of the two
            """),
        Refusal(
            .sync("overrides: { public.a: { where: x }, public.a: { where: y, where: z } }"),
            """
            f:7:42: the key "public.a" stands a second time; the first is on line 7
              hint: keep one of the two
            """),
        Refusal(
            .sync(#"exclude: [public.a, "public.b", '"public".a']"#),
            """
            f:7:37: syncs.s.exclude[3] repeats syncs.s.exclude[1]
              hint: keep one of the two
            """),
        Refusal(
            .bare(
                """
                "":
                "":
                """),
            """
            f:4:1: the key "" stands twice in one mapping
              hint: keep one of the two
            """),
    ]
}
