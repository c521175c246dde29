import Glibc

/// What can be done with the place that text goes to: whether a person looks at it, how wide it is, whether it has
/// colours. Nothing but text goes to what is no terminal.
public struct Terminal: Sendable, Equatable {
    /// Lines can be written over.
    public let isInteractive: Bool
    /// Text may be bold or coloured.
    public let hasColours: Bool
    private let descriptor: Int32

    /// Looks at an open file.
    ///
    /// - Parameters:
    ///   - descriptor: the file: 1 is standard output, 2 standard error.
    ///   - environment: the variables to go by; `NO_COLOR` turns colours off, and `TERM=dumb` everything.
    public init(_ descriptor: Int32, environment: [String: String]) {
        self.init(descriptor: descriptor, isTerminal: isatty(descriptor) == 1, environment: environment)
    }

    init(descriptor: Int32, isTerminal: Bool, environment: [String: String]) {
        self.descriptor = descriptor
        isInteractive = isTerminal && environment["TERM"] != "dumb"
        hasColours = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// How many characters a line has.
    public var width: Int {
        var size = winsize()
        guard isInteractive, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// How a piece of text looks.
    public enum Style: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// Text in a style, where there are styles.
    public func styled(_ text: String, _ style: Style) -> String {
        hasColours && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Text that writes over the line that the cursor is in, and leaves the cursor there; cut to the terminal's width, for
    /// a line that wraps cannot be written over. Nothing where lines cannot be.
    public func overwritten(_ text: String) -> String {
        isInteractive ? "\r\u{1B}[K" + Self.cut(text, width - 1) : ""
    }

    /// At most so many characters of a text; escape codes are whole and count nothing.
    static func cut(_ text: String, _ width: Int) -> String {
        var cut = ""
        var count = 0
        var isEscape = false
        var hadEscape = false
        for character in text {
            if character == "\u{1B}" {
                isEscape = true
                hadEscape = true
            }
            if isEscape {
                cut.append(character)
                if character.isLetter { isEscape = false }
                continue
            }
            guard count < width else { break }
            cut.append(character)
            count += 1
        }
        return count == width && hadEscape ? cut + "\u{1B}[0m" : cut
    }
}
