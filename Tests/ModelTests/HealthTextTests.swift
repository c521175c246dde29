import Model
import TestSupport
import Testing

@Suite("What plug-ins print, and what is looked for in pages") struct HealthTextTests {
    @Test func `a plug-in's line and its performance data are read`() {
        let text = PluginText(
            "DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968\n/ 15272 MB (77%);\n/boot 68 MB (69%); | '/home dir'=69.5%;~:88;@93:99;0;98\n'it''s'=1,5s temp=U;;\n"
        )
        #expect(text.summary == "DISK OK - free space: / 3326 MB (56%);")
        #expect(
            text.performance == [
                PerformanceDatum("/", 2643, unit: "MB", warning: "5948", critical: "5958", minimum: 0, maximum: 5968),
                PerformanceDatum(
                    "/home dir", 69.5, unit: "%", warning: "~:88", critical: "@93:99", minimum: 0, maximum: 98),
                PerformanceDatum("it's", 1.5, unit: "s"), PerformanceDatum("temp", nil),
            ])
    }

    @Test(arguments: ["", "\n", "|", "OK|", "OK | =5 a= b=x c", "OK|a", "OK | a=1e5", "OK|'a=1", "OK|a=--1;b;c;;;;;;"])
    func `what is no performance data is left out, and breaks nothing`(_ output: String) {
        let text = PluginText(output)
        #expect(text.summary == (output.hasPrefix("OK") ? "OK" : ""))
        #expect(text.performance.allSatisfy { $0.value == 1 })
    }

    @Test func `any output can be read`() {
        var random = SeededRandom(testSeed())
        let signs = Array("|='; \n0123456789.,-+UaB%~@:\u{0}ä")
        for _ in 0..<20_000 {
            let text = String((0..<random.number(0...40)).map { _ in signs[random.number(0...signs.count - 1)] })
            for datum in PluginText(text).performance { #expect(!datum.label.isEmpty && datum.value?.isFinite ?? true) }
        }
    }

    @Test func `an expression is looked for line by line`() throws {
        let page = Array("<html>\n42 results\0\n</html>".utf8)
        for (pattern, isThere) in [
            ("^[0-9]+ results", true), ("results$", false), ("^html", false), ("html.42", false), ("(a|4)2", true),
        ] {
            #expect(try LinePattern(pattern).matches(page) == isThere, "\(pattern)")
        }
        #expect(throws: LinePattern.Malformed.self) { try LinePattern("(") }
        // What takes other matchers as long as the world stands.
        #expect(try !LinePattern("^(a+)+$").matches(Array((String(repeating: "a", count: 5000) + "b").utf8)))
    }

    @Test func `a silence is the other side's only when somebody else answers`() {
        let silence = CheckFinding.silence("no answer")
        #expect(silence.judged(others: .answer("192.0.2.1:443")).outcome == .down)
        #expect(silence.judged(others: .silent).outcome == .unknown)
        #expect(silence.judged(others: nil).outcome == .unknown)
        for outcome in CheckOutcome.allCases {
            let told = CheckFinding.told(CheckResult(outcome, "so"))
            for others in [nil, Surroundings.silent, .answer("x")] {
                #expect(told.judged(others: others) == CheckResult(outcome, "so"))
            }
        }
    }
}
