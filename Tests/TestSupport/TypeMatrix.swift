public import Testing

/// A type with values that are awkward to carry. No two values of one sample are equal by the type's own equality where
/// it can be a key, unless the sample says so.
public struct TypeSample: Sendable {
    public let type: String
    /// SQL expressions of the type, at most 14.
    public let values: [String]
    /// What must exist before a table can have such a column.
    public let setup: String
    /// Whether a primary key can be over it.
    public let canBeKey: Bool
    /// Since which version every server has it, and takes all values.
    public let since: Int
    /// Needs something that not every server program is built with.
    public let isOptional: Bool

    public init(
        _ type: String, _ values: [String], setup: String = "", key: Bool = true, since: Int = 15,
        optional: Bool = false
    ) {
        self.type = type
        self.values = values
        self.setup = setup
        self.canBeKey = key
        self.since = since
        isOptional = optional
    }
}

public enum TypeMatrix {
    /// Literals, quoted and cast when they are used.
    private static func literals(_ values: String...) -> [String] {
        values.map { "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'" }
    }

    public static let numbers: [TypeSample] = [
        TypeSample("int2", literals("-32768", "-1", "0", "32767")),
        TypeSample("int4", literals("-2147483648", "-1", "0", "2147483647")),
        TypeSample("int8", literals("-9223372036854775808", "0", "9223372036854775807")),
        TypeSample(
            "numeric",
            literals("NaN", "Infinity", "-Infinity", "0.0000", "-1.10", "1e-16383", "3.141592653589793238462643383279")
                + ["('1' || repeat('7', 400))"]),
        TypeSample("numeric(1000,500)", literals("NaN", "1e-500", "-1e499")),
        TypeSample("numeric(3,-3)", literals("123000", "-999000")),
        TypeSample(
            "float4", literals("NaN", "Infinity", "-Infinity", "-0", "1e-45", "3.4028235e38", "0.1", "16777217")),
        TypeSample(
            "float8",
            literals(
                "NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e308", "0.30000000000000004")),
        TypeSample("money", literals("-92233720368547758.08", "92233720368547758.07", "0", "-0.01", "1234.5")),
        TypeSample("bool", literals("t", "f")),
    ]

    public static let texts: [TypeSample] = [
        TypeSample(
            "text",
            literals(
                "", " ", "\\.", "\\N", "\\\\N", "NULL", "'", "\"", "👩🏽‍🚀 e\u{301} \u{202E}", "{\"a\",b}", "(,)")
                + ["E'a\\tb\\nc\\rd\\\\e\\bf\\fg\\vh\\x01\\x7f'", "repeat('Ä', 900)", "E'\\n\\\\.\\n'"]),
        TypeSample("varchar(12)", literals("", "tab\there", "Ünïcödé ₤")),
        TypeSample("char(8)", literals("", "a", "b  ", "Äöü", "\\")),
        TypeSample("bpchar", literals("", "a", "b  c")),
        TypeSample("\"char\"", literals("", "a", "\\200", "\\\\")),
        TypeSample("name", literals("", "Name with \"quotes\" and \\")),
        TypeSample(
            "bytea",
            ["''", "'\\x00'", "'\\x5c'", "'\\x5c2e'", "'\\x0a'"]
                + ["(SELECT string_agg(set_byte('\\x00', 0, b), '' ORDER BY b) FROM generate_series(0, 255) AS b)"]),
        TypeSample(
            "json", literals("{\"b\": 1,  \"b\": 2, \"a\": \"\\u0041\\n\"}", "null", "\"\\\\\"", " [1,\n2]"), key: false
        ),
        TypeSample(
            "jsonb", literals("{\"b\": 1, \"a\": [null, 1.50, \"\\\\\\\"\"]}", "null", "\"\"", "[]", "{}", "1e100")),
        TypeSample("jsonpath", literals("$", "strict $.\"a b\"[*] ? (@ > 1)"), key: false),
        TypeSample(
            "xml", literals("<a b=\"&lt;\">text</a>", "", "text only", "<?xml version=\"1.0\"?><a/>"), key: false,
            optional: true),
        TypeSample("bit(9)", literals("000000000", "101010101", "111111111")),
        TypeSample("bit varying", literals("", "0", "00", "1", "10101010101010101010")),
        TypeSample("tsvector", literals("", "'a b':1A,2 'c''d':3 '\\\\':4", "z")),
        TypeSample("tsquery", literals("", "'a b' & !c:*AB | 'd' <2> 'e'")),
        TypeSample("uuid", literals("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")),
        TypeSample("refcursor", literals("", "a\tcursor"), key: false),
    ]

    public static let times: [TypeSample] = [
        TypeSample(
            "date", literals("infinity", "-infinity", "4713-01-01 BC", "0001-12-31 BC", "5874897-12-31", "2024-02-29")),
        TypeSample("time", literals("00:00", "23:59:59.999999", "24:00:00")),
        TypeSample("time(2)", literals("00:00", "23:59:59.99")),
        TypeSample("timetz", literals("00:00+15:59", "24:00:00-15:59", "12:34:56.789+05:30", "06:34:56+00:00:01")),
        TypeSample(
            "timestamp",
            literals("infinity", "-infinity", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999", "epoch")),
        TypeSample(
            "timestamptz",
            literals(
                "infinity", "-infinity", "4713-01-01 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00",
                "1883-11-18 12:03:57-07:52:58", "2024-10-27 02:30:00+01")),
        TypeSample("timestamptz(0)", literals("2024-01-01 00:00:00+00")),
        TypeSample(
            "interval",
            literals(
                "0", "-178000000 years", "178000000 years", "1 year -2 mons 3 days -04:05:06.000007",
                "-1 days +00:00:00.000001", "2562047788:00:54.775807")),
    ]

    public static let places: [TypeSample] = [
        TypeSample("inet", literals("0.0.0.0/0", "10.1.2.3", "10.1.2.3/8", "::", "fe80::1/64", "::ffff:1.2.3.4")),
        TypeSample("cidr", literals("0.0.0.0/0", "10.0.0.0/8", "2001:db8::/32")),
        TypeSample("macaddr", literals("00:00:00:00:00:00", "08:00:2b:01:02:03")),
        TypeSample("macaddr8", literals("08:00:2b:01:02:03:04:05")),
        TypeSample("point", literals("(-0,0)", "(NaN,Infinity)", "(1e-300,-1e300)"), key: false),
        TypeSample("line", literals("{1,2,3}", "{-0.1,1,0}"), key: false),
        TypeSample("lseg", literals("[(0,0),(1,1)]"), key: false),
        TypeSample("box", literals("(1,1),(-1,-1)"), key: false),
        TypeSample("path", literals("[(0,0),(1,1)]", "((0,0),(1,1),(2,-0))"), key: false),
        TypeSample("polygon", literals("((0,0),(1,1),(2,0))"), key: false),
        TypeSample("circle", literals("<(0,0),0>", "<(1,-1),1e10>"), key: false),
    ]

    public static let system: [TypeSample] = [
        TypeSample("oid", literals("0", "4294967295")),
        TypeSample("oidvector", literals("", "1 2 3")),
        TypeSample("int2vector", literals("", "1 -2 3"), key: false),
        TypeSample("xid", literals("0", "4294967295"), key: false),
        TypeSample("xid8", literals("0", "18446744073709551615")),
        TypeSample("cid", literals("0", "4294967295"), key: false),
        TypeSample("tid", literals("(0,0)", "(4294967295,65535)")),
        TypeSample("pg_lsn", literals("0/0", "FFFFFFFF/FFFFFFFF")),
        TypeSample("pg_snapshot", literals("10:20:10,14,15", "1:1:"), key: false),
        TypeSample("txid_snapshot", literals("10:20:10,14,15"), key: false),
        TypeSample("aclitem", literals("=r*/postgres", "postgres=arwdDxt/postgres"), key: false),
        // These travel by name: an object that the receiver lacks stops the stream.
        TypeSample("regclass", literals("pg_catalog.pg_class", "public.filler", "0")),
        TypeSample("regtype", literals("integer", "pg_catalog._text", "interval")),
        TypeSample("regproc", literals("pg_catalog.now", "0")),
        TypeSample("regprocedure", literals("pg_catalog.abs(integer)")),
        TypeSample("regoper", literals("pg_catalog.||/", "0"), key: false),
        TypeSample("regoperator", literals("pg_catalog.+(integer,integer)")),
        TypeSample("regnamespace", literals("public", "pg_catalog")),
        TypeSample("regrole", literals("postgres")),
        TypeSample("regcollation", literals("pg_catalog.\"C\"")),
        TypeSample("regconfig", literals("pg_catalog.simple")),
        TypeSample("regdictionary", literals("pg_catalog.simple")),
    ]

    public static let sets: [TypeSample] = [
        TypeSample(
            "int4[]",
            literals("{}", "{NULL}", "{{1,2},{NULL,4}}", "[0:1]={1,2}", "[-2:-1][3:4]={{1,2},{3,4}}", "{1}")),
        TypeSample(
            "text[]", literals("{}", "{\"\"}", "{NULL,\"NULL\"}", "{\"a\\\"b\",\"c\\\\d\",\"{}\",\"e,f\"}", "{{a},{b}}")
        ),
        TypeSample("float8[]", literals("{-0,NaN,Infinity}")),
        TypeSample("bytea[]", ["ARRAY['\\x00'::bytea, '\\x5c', NULL]"]),
        TypeSample("timestamptz[]", literals("{infinity,-infinity,\"0044-03-15 12:00:00+00 BC\"}")),
        TypeSample("jsonb[]", ["ARRAY['{\"a\": \"\\\"\"}'::jsonb, 'null', NULL]"]),
        TypeSample("point[]", literals("{\"(1,2)\",\"(-0,NaN)\"}"), key: false),
        TypeSample("int4range", literals("empty", "(,)", "[1,5)", "[,3)")),
        TypeSample("int8range", literals("empty", "[1,5)")),
        TypeSample("numrange", literals("empty", "[1.10,2.0)", "(NaN,)", "(0,infinity]")),
        TypeSample("daterange", literals("[-infinity,infinity)", "[2024-01-01,)")),
        TypeSample("tsrange", literals("[\"2024-01-01 00:00:00\",infinity]")),
        TypeSample("tstzrange", literals("[\"2024-01-01 00:00:00+00\",)")),
        TypeSample("int4multirange", literals("{}", "{[1,3),[5,7)}", "{(,)}")),
        TypeSample("nummultirange", literals("{[1.10,2.0),(5,)}")),
        TypeSample("datemultirange", literals("{[2024-01-01,2024-02-01)}")),
    ]

    public static let userDefined: [TypeSample] = [
        TypeSample(
            "mood", literals("sad", "ok", "very, \"happy\"", "it''s", ""),
            setup: "CREATE TYPE mood AS ENUM ('sad', 'ok', 'very, \"happy\"', 'it''''s', '')"),
        TypeSample("mood[]", literals("{sad,NULL,\"very, \\\"happy\\\"\",\"\"}", "{}")),
        TypeSample(
            "\"Com posite\"", literals("(1,\"a \"\"quoted\"\", (text)\",\"{1,NULL}\",)", "(,,,)", "(2,\"\",{},sad)"),
            setup: "CREATE TYPE \"Com posite\" AS (a int, \"B b\" text, c int[], d mood)"),
        TypeSample("\"Com posite\"[]", literals("{\"(1,x,,)\",\"(,,,)\",NULL}")),
        TypeSample(
            "nested", literals("(\"(1,\"\"a b\"\",,ok)\",\"{\"\"(,,,)\"\"}\")", "(,)"),
            setup: "CREATE TYPE nested AS (one \"Com posite\", many \"Com posite\"[])"),
        TypeSample(
            "positive", literals("1", "2147483647"),
            setup: "CREATE DOMAIN positive AS int CHECK (VALUE > 0)"),
        TypeSample(
            "code", literals("ab", "zz"),
            setup: "CREATE DOMAIN code AS varchar(2) COLLATE \"C\" CHECK (VALUE ~ '^[a-z]*$')"),
        TypeSample("positive[]", literals("{1,2,NULL}", "{{1},{2}}")),
        TypeSample(
            "moods", literals("{sad}", "{}"), setup: "CREATE DOMAIN moods AS mood[] CHECK (cardinality(VALUE) < 5)"),
        TypeSample(
            "textrange", literals("[a,b)", "(,\"it's, \\\"z\\\"\"]", "empty"),
            setup: "CREATE TYPE textrange AS RANGE (subtype = text, collation = \"C\")"),
        TypeSample("textmultirange", literals("{[a,b),[c,d]}")),
        TypeSample(
            "opaque", literals("12", "-5"),
            setup: """
                CREATE TYPE opaque;
                CREATE FUNCTION opaque_in(cstring) RETURNS opaque LANGUAGE internal IMMUTABLE STRICT AS 'int8in';
                CREATE FUNCTION opaque_out(opaque) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int8out';
                CREATE TYPE opaque (INPUT = opaque_in, OUTPUT = opaque_out, LIKE = int8)
                """, key: false),
    ]

    public static let extensions: [TypeSample] = [
        TypeSample("citext", literals("Straße", "a\\b", ""), setup: "CREATE EXTENSION citext", optional: true),
        TypeSample(
            "hstore", literals("a=>NULL, \"b \\\"c\"=>\"\"", ""), setup: "CREATE EXTENSION hstore", optional: true),
        TypeSample("ltree", literals("", "a.b.c"), setup: "CREATE EXTENSION ltree", optional: true),
        TypeSample("cube", literals("(1,2),(3,4)"), setup: "CREATE EXTENSION cube", optional: true),
    ]

    public static let all = numbers + texts + times + places + system + sets + userDefined + extensions
}

/// The samples in three parts; a type may build on one of its part.
public enum TypeFamily: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case plain, system, composed

    public var testDescription: String { rawValue }

    public var samples: [TypeSample] {
        switch self {
        case .plain: TypeMatrix.numbers + TypeMatrix.texts + TypeMatrix.times
        case .system: TypeMatrix.places + TypeMatrix.system
        case .composed: TypeMatrix.sets + TypeMatrix.userDefined + TypeMatrix.extensions
        }
    }
}
