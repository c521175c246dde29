extension Refusal {
    static let yaml = [
        Refusal(
            .whole(
                """
                cluster: c
                nodes: { a: { dsn: ${DSN} } }
                """),
            """
            f:2:21: not valid YAML: did not find expected ',' or '}'
              hint: put a text with ${NAME} in quotes: "${NAME}"
            """),
        Refusal(
            .whole(
                """
                cluster: c
                nodes:
                  a: { dsn: "dbname=geheim" 
                  b: 5
                """),
            """
            f:4:3: not valid YAML: did not find expected ',' or '}' while parsing a flow mapping that begins on line 3
              hint: close the bracket, or put a comma between values
            """),
        Refusal(
            .whole(
                """
                cluster: c
                 nodes: 5
                """),
            """
            f:2:7: not valid YAML: mapping values are not allowed in this context
              hint: put a text that holds ": ", or begins with * & ! % @ or `, in quotes; look at the indentation
            """),
        Refusal(
            .whole(#"cluster: "c"#),
            """
            f:1:12: not valid YAML: found unexpected end of stream
              hint: close the quote or bracket that is open
            """),
        Refusal(
            .whole(
                """
                cluster: c
                nodes:
                	a: 5
                """),
            """
            f:3:1: not valid YAML: found character that cannot start any token
              hint: indent with spaces, never with tabs
            """),
        Refusal(
            .whole("cluster: c: d"),
            """
            f:1:11: not valid YAML: mapping values are not allowed in this context
              hint: put a text that holds ": ", or begins with * & ! % @ or `, in quotes; look at the indentation
            """),
        Refusal(
            .whole("cluster: *"),
            """
            f:1:11: not valid YAML: did not find expected alphabetic or numeric character
              hint: put a text that begins with * or & in quotes
            """),
        Refusal(
            .whole("cluster: *c"),
            """
            f:1:10: not valid YAML: found undefined alias
              hint: put a text that begins with * or & in quotes
            """),
        Refusal(
            .whole("cluster: @c"),
            """
            f:1:10: not valid YAML: found character that cannot start any token
              hint: put a text that holds ": ", or begins with * & ! % @ or `, in quotes; look at the indentation
            """),
        Refusal(
            .whole(#"cluster: "\d""#),
            #"""
            f:1:11: not valid YAML: found unknown escape character
              hint: write \ as \\ in double quotes, or use single quotes
            """#),
        Refusal(
            .whole(
                """
                cluster: [a, b
                nodes: 5
                """),
            """
            f:2:6: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence that begins on line 1
              hint: close the bracket, or put a comma between values
            """),
        Refusal(
            .whole(
                """
                cluster: c
                ---
                cluster: d
                """),
            """
            f:2:1: a second document begins here
              hint: keep one; it ends at a line of three dashes
            """),
        Refusal(
            .whole("cluster: c\u{7}"),
            """
            f:1:11: a control character (U+7) stands here
              hint: remove it
            """),
        Refusal(
            .whole("a: ]"),
            """
            f:1:4: not valid YAML: did not find expected node content
              hint: look at the indentation of this line and the one above; keys of one mapping begin in one column
            """),
        Refusal(
            .whole(
                """
                overrides:
                  "My Schema"."Items": {}
                """),
            """
            f:2:14: not valid YAML: did not find expected key
              hint: put a name that has double quotes in single quotes as well: '"My Schema"."Order.Items"'
            """),
        Refusal(
            .whole("cluster: " + String(repeating: "[", count: 1200)),
            """
            f:1:11: not valid YAML: nested too deeply
              hint: this is no configuration
            """),
        Refusal(
            .whole("---"),
            """
            f: the configuration is empty
              hint: "switchback init" writes a commented one
            """),
        Refusal(
            .whole("# nothing"),
            """
            f: the configuration is empty
              hint: "switchback init" writes a commented one
            """),
        Refusal(
            .whole(""),
            """
            f: the configuration is empty
              hint: "switchback init" writes a commented one
            """),
        Refusal(
            .whole(
                """
                - a
                b: c
                """),
            """
            f:2:1: not valid YAML: did not find expected '-' indicator while parsing a block collection that begins on line 1
              hint: look at the indentation of this line and the one above; keys of one mapping begin in one column
            """),
    ]
}
