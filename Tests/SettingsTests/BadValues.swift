extension Refusal {
    static let wrongTypes = [
        Refusal(
            .whole(
                """
                cluster: [c]
                nodes: []
                syncs: 5
                """),
            """
            the configuration has 3 errors
            f:1:1: cluster must be a name, not a list
              hint: write it like cluster: library
            f:2:1: nodes must be a mapping, not a list
              hint: write it like nodes: { raleigh: { dsn: "host=db1 dbname=library" } }
            f:3:8: syncs must be a mapping, not a text
              hint: write it like syncs: { library: { nodes: { raleigh: source, durham: target }, tables: ["public.*"] } }
            """),
        Refusal(
            .whole("just a text"),
            """
            f:1:1: the configuration must be a mapping of keys to values
              hint: begin with cluster:, nodes: and syncs:, as "switchback init" writes it
            """),
        Refusal(
            .whole(
                """
                - a
                - b
                """),
            """
            f:1:1: the configuration must be a mapping of keys to values
              hint: begin with cluster:, nodes: and syncs:, as "switchback init" writes it
            """),
        Refusal(
            .sync("exclude: public.a"),
            """
            f:7:14: syncs.s.exclude must be a list, not a text
              hint: write it like exclude: ["public.scratch_*"]
            """),
        Refusal(
            .sync("exclude: { public.a: }"),
            """
            f:7:5: syncs.s.exclude must be a list, not a mapping
              hint: write it like exclude: ["public.scratch_*"]
            """),
        Refusal(
            .sync("exclude: [[public.a], { a: b }, ~]"),
            """
            the configuration has 3 errors
            f:7:15: syncs.s.exclude[1] must be a pattern for tables, not a list
              hint: mend it
            f:7:27: syncs.s.exclude[2] must be a pattern for tables, not a mapping
              hint: mend it
            f:7:37: syncs.s.exclude[3] has no value
              hint: give it a pattern for tables
            """),
        Refusal(
            .sync("conflict:"),
            """
            f:7:14: syncs.s.conflict has no value
              hint: write it like conflict: latest
            """),
        Refusal(
            .sync("conflict: [latest]"),
            """
            f:7:5: syncs.s.conflict must be one of latest, earliest, merge, hold, not a list
              hint: write it like conflict: latest
            """),
        Refusal(
            .sync("overrides: [public.a]"),
            """
            f:7:5: syncs.s.overrides must be a mapping, not a list
              hint: write it like overrides: { public.item: { conflict: merge } }
            """),
        Refusal(
            .sync("overrides: { public.a: }"),
            """
            f:7:28: syncs.s.overrides.public.a has no value
              hint: give it a mapping
            """),
        Refusal(
            .sync("overrides: { public.a: 5 }"),
            """
            f:7:28: syncs.s.overrides.public.a must be a mapping, not a text
              hint: mend it
            """),
        Refusal(
            .sync("overrides: { public.a: { full_copy: yes } }"),
            """
            f:7:41: syncs.s.overrides.public.a.full_copy must be true or false, not "yes"
              hint: write it like full_copy: true
            """),
        Refusal(
            .sync("overrides: { public.a: { columns: id, where: [x], counters: {} } }"),
            """
            the configuration has 3 errors
            f:7:39: syncs.s.overrides.public.a.columns must be a list, not a text
              hint: write it like columns: [id, email]
            f:7:43: syncs.s.overrides.public.a.where must be a text, not a list
              hint: write it like where: "active"
            f:7:55: syncs.s.overrides.public.a.counters must be a list, not a mapping
              hint: write it like counters: [total]
            """),
        Refusal(
            .top("failover: automatic"),
            """
            f:5:11: failover must be a mapping, not a text
              hint: write it like failover: { mode: manual }
            """),
        Refusal(
            .top("files: { f: { from: p, to: q, path: /x, delete: 1, every: [1m] } }"),
            """
            the configuration has 2 errors
            f:5:49: files.f.delete must be true or false, not "1"
              hint: write it like delete: true
            f:5:52: files.f.every must be a duration, not a list
              hint: write it like every: 1m
            """),
        Refusal(
            .top("health: { fall: many, rise: 0, checks: { http: {} } }"),
            """
            the configuration has 3 errors
            f:5:17: health.fall must be a number from 1 to 1000, not "many"
              hint: write it like fall: 3
            f:5:29: health.rise must be a number from 1 to 1000, not "0"
              hint: write it like rise: 5
            f:5:32: health.checks must be a list, not a mapping
              hint: write it like checks: [{ http: { url: "https://www.example.org/" } }]
            """),
    ]

    static let names = [
        Refusal(
            .whole(
                """
                cluster: "my site"
                nodes: { "a b": { dsn: dbname=x }, -c: { dsn: dbname=x } }
                syncs: { s: { nodes: { "a b": source, -c: target }, tables: ["public.*"] } }
                """),
            """
            the configuration has 3 errors
            f:1:10: cluster cannot be "my site"
              hint: a name has letters, digits, _ - and ., begins with a letter, a digit or _, and is not longer than 63
            f:2:10: nodes.a b cannot be "a b"
              hint: a name has letters, digits, _ - and ., begins with a letter, a digit or _, and is not longer than 63
            f:2:36: nodes.-c cannot be "-c"
              hint: a name has letters, digits, _ - and ., begins with a letter, a digit or _, and is not longer than 63
            """),
        Refusal(
            .sync("prefer: [b, mars]"),
            """
            f:7:17: syncs.s.prefer[2] names no node of this sync: "mars"
              hint: the nearest is a; known here: a, b
            """),
        Refusal(
            .sync("prefer: [a, a]"),
            """
            f:7:17: syncs.s.prefer[2] repeats syncs.s.prefer[1]
              hint: keep one of the two
            """),
    ]

    static let durations = [
        Refusal(
            .top("failover: { freeze_budget: 30 }"),
            """
            f:5:28: failover.freeze_budget must be a duration, not "30"
              hint: give it a unit: 30s
            """),
        Refusal(
            .top("failover: { freeze_budget: 5 s }"),
            """
            f:5:28: failover.freeze_budget must be a duration, not "5 s"
              hint: write a whole number and its unit: 500ms, 5s, 10m, 1h
            """),
        Refusal(
            .top("failover: { freeze_budget: 1d }"),
            """
            f:5:28: failover.freeze_budget must be a duration, not "1d"
              hint: write a whole number and its unit: 500ms, 5s, 10m, 1h
            """),
        Refusal(
            .top("failover: { freeze_budget: -1s }"),
            """
            f:5:28: failover.freeze_budget must be a duration, not "-1s"
              hint: write a whole number and its unit: 500ms, 5s, 10m, 1h
            """),
        Refusal(
            .top("failover: { freeze_budget: 1.5s }"),
            """
            f:5:28: failover.freeze_budget must be a duration, not "1.5s"
              hint: write a whole number and its unit: 500ms, 5s, 10m, 1h
            """),
        Refusal(
            .top("failover: { freeze_budget: 0s }"),
            """
            f:5:28: failover.freeze_budget is too short: "0s"
              hint: give it 1ms at least
            """),
        Refusal(
            .top("failover: { freeze_budget: 99999999999999999999h }"),
            """
            f:5:28: failover.freeze_budget must be a duration, not "99999999999999999999h"
              hint: write a whole number and its unit: 500ms, 5s, 10m, 1h
            """),
        Refusal(
            .top("health: { every: 5ms, checks: [ { sql: { node: a } } ] }"),
            """
            f:5:18: health.every is too short: "5ms"
              hint: give it 100ms at least
            """),
    ]

    static let expansions = [
        Refusal(
            .whole(
                """
                cluster: c
                nodes: { a: { dsn: "host=${NO_HOST} password=geheim" }, b: { dsn: "${EMPTY}" } }
                syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
                """),
            """
            the configuration has 2 errors
            f:2:20: nodes.a.dsn needs the environment variable NO_HOST, which is not set
              hint: set NO_HOST for switchback; where a text really holds ${, write $${
            f:2:67: nodes.b.dsn is empty: "${EMPTY}" holds nothing
              hint: write it like dsn: "host=db1 dbname=library user=switchback sslmode=verify-full"
            """),
        Refusal(
            .whole(
                """
                cluster: "${NO"
                nodes: { a: { dsn: "${}" }, b: { dsn: "${1x}" } }
                syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
                """),
            """
            the configuration has 3 errors
            f:1:10: cluster has a ${ that no name and } follow
              hint: write ${NAME}; where a text really holds ${, write $${
            f:2:20: nodes.a.dsn has a ${ that no name and } follow
              hint: write ${NAME}; where a text really holds ${, write $${
            f:2:39: nodes.b.dsn has a ${ that no name and } follow
              hint: write ${NAME}; where a text really holds ${, write $${
            """),
        Refusal(
            .whole(
                """
                cluster: c
                nodes: { a: { dsn: "file:" }, b: { dsn: "file:/nowhere/dsn" } }
                syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
                """),
            """
            the configuration has 2 errors
            f:2:20: nodes.a.dsn names no file
              hint: write file: and a path, such as file:/etc/switchback/dsn
            f:2:41: nodes.b.dsn needs the file /nowhere/dsn, and there is no such file
              hint: write it, or mend the path
            """),
        Refusal(
            .whole(
                """
                cluster: c
                nodes: { a: { dsn: "file:/" }, b: { dsn: "file:${FOLDER}/dsn" } }
                syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
                """),
            """
            the configuration has 2 errors
            f:2:20: nodes.a.dsn needs the file /, and it is a folder
              hint: name a small text file
            f:2:42: nodes.b.dsn needs the file ${FOLDER}/dsn, and there is no such file
              hint: write it, or mend the path
            """),
        Refusal(
            .bare(#"failover: { mode: "${SECRET}", freeze_budget: "${SECRET}" }"#),
            """
            the configuration has 3 errors
            f:4:1: failover needs two sites to move between
              hint: add sites: { primary: { node: raleigh, address: 192.0.2.10 }, secondary: { node: durham, address: 198.51.100.20 } }
            f:4:19: failover.mode cannot be "${SECRET}"
              hint: the nearest is manual; known here: automatic, manual
            f:4:47: failover.freeze_budget must be a duration, not "${SECRET}"
              hint: write a whole number and its unit: 500ms, 5s, 10m, 1h
            """),
        Refusal(
            .whole(
                #"""
                cluster: c
                nodes: { a: { dsn: "a\0b" }, b: { dsn: "" } }
                syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
                """#),
            """
            the configuration has 2 errors
            f:2:20: nodes.a.dsn holds a NUL byte
              hint: take it out
            f:2:40: nodes.b.dsn is empty
              hint: write it like dsn: "host=db1 dbname=library user=switchback sslmode=verify-full"
            """),
    ]
}
