import Testing

@testable import Console

@Suite("Where text goes") struct TerminalTests {
    private func terminal(_ isTerminal: Bool, _ environment: [String: String] = [:]) -> Terminal {
        Terminal(descriptor: 1, isTerminal: isTerminal, environment: environment)
    }

    @Test func `what is no terminal gets text and nothing else`() {
        let plain = terminal(false)
        #expect(plain.styled("text", .bold) == "text" && plain.overwritten("text") == "" && plain.width == 80)
    }

    @Test func `colours are for terminals that have them, and for people who want them`() {
        #expect(terminal(true).styled("text", .red) == "\u{1B}[31mtext\u{1B}[0m")
        #expect(terminal(true, ["NO_COLOR": "1"]).styled("text", .red) == "text")
        #expect(terminal(true, ["NO_COLOR": ""]).styled("text", .red) != "text", "an empty one asks for nothing")
        #expect(terminal(true, ["NO_COLOR": "1"]).isInteractive, "lines are written over all the same")
        #expect(terminal(true, ["TERM": "dumb"]).styled("text", .red) == "text")
        #expect(terminal(true, ["TERM": "dumb"]).overwritten("text") == "")
    }

    @Test func `a line that is written over is never longer than the terminal is wide`() {
        #expect(Terminal.cut("12345", 3) == "123" && Terminal.cut("12", 3) == "12" && Terminal.cut("", 3) == "")
        #expect(Terminal.cut("\u{1B}[31m12345\u{1B}[0m", 3) == "\u{1B}[31m123\u{1B}[0m")
        #expect(Terminal.cut("▁▂▃▄", 2) == "▁▂")
    }
}
