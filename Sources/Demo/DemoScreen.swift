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
        line("   " + (style.map { terminal.styled(text, $0) } ?? text))
    }

    /// A line that stays and is not what matters.
    func note(_ text: String) { say(text, .dim) }

    /// The line that is written over.
    func live(_ text: String) {
        if terminal.isInteractive {
            write(terminal.overwritten("   " + text))
            return
        }
        let now = ContinuousClock.now
        let isDue = lastLive.withLock { last in
            guard last.map({ now - $0 >= Self.plainEvery }) ?? true else { return false }
            last = now
            return true
        }
        if isDue { write("   " + text + "\n") }
    }

    /// Clears that line.
    func endLive() {
        lastLive.withLock { $0 = nil }
        if terminal.isInteractive { write(terminal.overwritten("")) }
    }

    private func line(_ text: String) {
        if terminal.isInteractive { write(terminal.overwritten("")) }
        write(text + "\n")
    }
}
