import Console
import Synchronization

/// What the one who watches sees: titles, lines that stay, and one line that is written over while something goes on.
/// Where nothing can be written over, that line is printed anew now and then.
final class DemoScreen: Sendable {
    let terminal: Terminal
    private let write: @Sendable (String) -> Void
    private let lastLive = Mutex<ContinuousClock.Instant?>(nil)

    /// How often a line that cannot be written over is printed.
    private static let plainEvery = Duration.seconds(2)

    init(terminal: Terminal, write: @escaping @Sendable (String) -> Void) {
        self.terminal = terminal
        self.write = write
    }

    func title(_ text: String) { line("\n" + terminal.styled(text, .bold)) }

    func step(_ number: Int, _ title: String) {
        line("\n" + terminal.styled("\(number)  \(title)", .bold))
    }

    /// A line that stays.
    func say(_ text: String, _ style: Terminal.Style? = nil) {
        // A line that the terminal breaks begins at its left edge; these stay in their column.
        let width = terminal.isInteractive ? terminal.width - 4 : Int.max
        for part in Self.wrapped(text, width) {
            line(part.isEmpty ? "" : "   " + (style.map { terminal.styled(part, $0) } ?? part))
        }
    }

    /// A command that can be copied and run: it is never broken.
    func command(_ text: String) { line("   " + text) }

    /// A line that stays and is not what matters.
    func note(_ text: String) { say(text, .dim) }

    /// The line that is written over.
    ///
    /// - Parameter plain: it is worth printing now and then also where it cannot be written over.
    func live(_ text: String, plain: Bool = false) {
        if terminal.isInteractive {
            write(terminal.overwritten("   " + text))
            return
        }
        guard plain else { return }
        let now = ContinuousClock.now
        let isDue = lastLive.withLock { last in
            let isDue = last.map { now - $0 >= Self.plainEvery } ?? false
            if isDue || last == nil { last = now }
            return isDue
        }
        if isDue { write("   " + text + "\n") }
    }

    /// Clears that line.
    func endLive() {
        lastLive.withLock { $0 = nil }
        if terminal.isInteractive { write(terminal.overwritten("")) }
    }

    /// A text in lines of at most so many characters, broken between words.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        guard text.count > width else { return [text] }
        var lines = [""]
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private func line(_ text: String) {
        if terminal.isInteractive { write(terminal.overwritten("")) }
        write(text + "\n")
    }
}
