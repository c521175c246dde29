extension Refusal {
    static let roles = [
        Refusal(
            .nodes(#"syncs: { s: { nodes: { a: source, c: target }, tables: ["public.*"] } }"#),
            """
            f:3:35: syncs.s.nodes.c names no node: "c"
              hint: the nearest is a; known here: a, b
            """),
        Refusal(
            .nodes(#"syncs: { s: { nodes: { a: source, b: replica }, tables: ["public.*"] } }"#),
            """
            f:3:38: syncs.s.nodes.b cannot be "replica"
              hint: the nearest is source; known here: source, target
            """),
        Refusal(
            .nodes(#"syncs: { s: { nodes: { a: target, b: target }, tables: ["public.*"] } }"#),
            """
            f:3:15: syncs.s.nodes has no source: nobody's writes would be replicated
              hint: write it like nodes: { raleigh: source, durham: target }
            """),
        Refusal(
            .nodes(#"syncs: { s: { nodes: { a: source }, tables: ["public.*"] } }"#),
            """
            f:3:15: syncs.s.nodes has a source and nobody to receive from it
              hint: write it like nodes: { raleigh: source, durham: target }
            """),
        Refusal(
            .nodes("syncs: { s: { nodes: {}, tables: [] } }"),
            """
            the configuration has 2 errors
            f:3:15: syncs.s.nodes is empty
              hint: write it like nodes: { raleigh: source, durham: target }
            f:3:26: syncs.s.tables is an empty list
              hint: write it like tables: ["public.*"]
            """),
        Refusal(
            .nodes("syncs: {}"),
            """
            f:3:1: syncs is empty
              hint: write it like syncs: { library: { nodes: { raleigh: source, durham: target }, tables: ["public.*"] } }
            """),
    ]

    static let patterns = [
        Refusal(
            .sync(#"exclude: [item, "public.a b", public.a.b, "public.", 'public."a', "public.a%", ""]"#),
            """
            the configuration has 7 errors
            f:7:15: syncs.s.exclude[1] names no schema: "item"
              hint: write schema.table, such as public.item
            f:7:21: syncs.s.exclude[2] has a space outside of double quotes: "public.a b"
              hint: put the name in double quotes if it has that character; the wildcards are * and ?, as in public.item_*
            f:7:35: syncs.s.exclude[3] has 3 parts, where schema.table has two: "public.a.b"
              hint: write each table by itself; a dot that belongs to a name stands in double quotes: public."Order.Items"
            f:7:47: syncs.s.exclude[4] has an empty part: "public."
              hint: write schema.table, such as public.item or public.*
            f:7:58: syncs.s.exclude[5] has a double quote that is not closed: "public."a"
              hint: close it; a double quote that belongs to a name is written twice
            f:7:71: syncs.s.exclude[6] has the character % outside of double quotes: "public.a%"
              hint: put the name in double quotes if it has that character; the wildcards are * and ?, as in public.item_*
            f:7:84: syncs.s.exclude[7] is empty
              hint: mend it
            """),
        Refusal(
            .sync("overrides: { item: { where: x } }"),
            """
            f:7:18: syncs.s.overrides.item names no schema: "item"
              hint: write schema.table, such as public.item
            """),
    ]

    static let conflictRules = [
        Refusal(
            .sync("conflict: lastest"),
            """
            f:7:15: syncs.s.conflict cannot be "lastest"
              hint: did you mean latest? known here: latest, earliest, merge, hold
            """),
        Refusal(
            .sync("conflict: prefer"),
            """
            f:7:15: syncs.s.conflict cannot be prefer alone
              hint: write it like prefer: [raleigh, durham]
            """),
        Refusal(
            .sync("conflict: {}"),
            """
            f:7:5: syncs.s.conflict is empty
              hint: write it like conflict: latest
            """),
        Refusal(
            .sync("conflict: { prefer: [a], largest: v }"),
            """
            f:7:39: syncs.s.conflict.largest is a second rule beside syncs.s.conflict.prefer
              hint: keep one of the two; only counters go with another rule
            """),
        Refusal(
            .sync(
                """
                conflict: merge
                    prefer: [a]
                """),
            """
            f:8:5: syncs.s.prefer is a second rule beside syncs.s.conflict
              hint: keep one of the two; only counters go with another rule
            """),
        Refusal(
            .sync("conflict: { counters: [n] }"),
            """
            f:7:17: syncs.s.conflict.counters are columns of one table
              hint: put them under overrides: public.item: { counters: [total] }
            """),
        Refusal(
            .sync("overrides: { public.a: { conflict: counters } }"),
            """
            f:7:40: syncs.s.overrides.public.a.conflict cannot be counters alone
              hint: write it like counters: [total]
            """),
        Refusal(
            .sync("overrides: { public.a: { counters: [] , conflict: hold, smallest: v } }"),
            """
            the configuration has 2 errors
            f:7:30: syncs.s.overrides.public.a.counters is an empty list
              hint: write it like counters: [total]
            f:7:71: syncs.s.overrides.public.a.smallest is a second rule beside syncs.s.overrides.public.a.conflict
              hint: keep one of the two; only counters go with another rule
            """),
        Refusal(
            .sync("overrides: { public.a: {} }"),
            """
            f:7:18: syncs.s.overrides.public.a is empty
              hint: say what is different for the table, or leave it out
            """),
        Refusal(
            .sync("overrides: {}"),
            """
            f:7:5: syncs.s.overrides is empty
              hint: write it like overrides: { public.item: { conflict: merge } }
            """),
    ]
}
