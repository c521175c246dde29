import ArgumentParser
import Foundation
import Settings

/// Writes a commented configuration.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a commented configuration.",
        discussion: "An existing file is never overwritten.")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let path = options.config ?? "switchback.yaml"
        let file = fopen(path, "wx")
        guard let file else {
            let reason = String(cString: strerror(errno))
            throw WrongUsage(
                "cannot write \(path): \(reason)", hint: "give another path with --config, or remove the file")
        }
        let text = Settings.template
        let written = fputs(text, file)
        guard fclose(file) == 0, written >= 0 else { throw WrongUsage("cannot write \(path)") }
        options.console.say("wrote \(path); edit its nodes and tables, then run \"switchback check\"")
        struct Result: Encodable { let path: String }
        try options.console.result(Result(path: path))
    }
}
