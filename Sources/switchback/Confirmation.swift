import Glibc

/// Asks a person before something is changed.
enum Confirmation {
    /// Returns when it may go on: because the command line says so, or because a person at the terminal does.
    ///
    /// - Parameters:
    ///   - yes: whether `--yes` was given.
    ///   - question: what is asked, without the choice.
    /// - Throws: `WrongUsage`, when nobody can be asked; `Failed`, when the answer is no.
    static func ask(_ question: String, yes: Bool, _ output: Output) async throws {
        if yes { return }
        guard !output.json, isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw WrongUsage("nobody can be asked whether to go on", hint: "look at the plan, and give --yes")
        }
        Output.writeError("\(question) [y/N] ")
        let answer = try await line().lowercased()
        guard ["y", "yes"].contains(answer) else { throw Failed("not confirmed; nothing was changed") }
    }

    /// A line from the terminal. It is waited for without holding a thread, so that an interruption is heard.
    private static func line() async throws -> String {
        while true {
            var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 0) != 0 { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return String(text.prefix { !$0.isNewline })
    }
}
