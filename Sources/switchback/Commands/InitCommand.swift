import ArgumentParser
import Foundation
import Glibc
import Settings

/// Writes a commented configuration.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write a commented configuration.",
        discussion: """
            It is written to --config, $SWITCHBACK_CONFIG or ./switchback.yaml. An existing file is never overwritten.
            """)

    @OptionGroup var options: GlobalOptions

    private struct Result: Encodable { let path: String }

    func run() async throws {
        // The place where every other command looks first.
        let named = ProcessInfo.processInfo.environment["SWITCHBACK_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let path = options.config ?? named ?? "switchback.yaml"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw Self.refusal(path, errno) }
        let reason = Self.write(Settings.template, to: file)
        guard reason == nil else {
            unlink(path)
            throw Failed("\(path) could not be written: \(reason ?? "")", hint: "mend that, and try again")
        }
        let check = options.config == nil ? "switchback check" : "switchback --config \(path) check"
        options.console.say("wrote \(path); change its nodes and tables to yours, then run \"\(check)\"")
        try options.console.result(Result(path: path))
    }

    private static func refusal(_ path: String, _ code: Int32) -> WrongUsage {
        let folder = (path as NSString).deletingLastPathComponent
        return switch code {
        case EEXIST:
            WrongUsage(
                "\(path) is there already, and is left as it is",
                hint: "name another file with --config, or move this one away")
        case ENOENT:
            WrongUsage("there is no folder \(folder)", hint: "make it first: mkdir -p \(folder)")
        default:
            WrongUsage(
                "\(path) cannot be written: \(String(cString: strerror(code)))", hint: "name another file with --config"
            )
        }
    }

    /// Writes all of a text and closes the file; what went wrong, or nil.
    private static func write(_ text: String, to file: Int32) -> String? {
        var bytes = Array(text.utf8)[...]
        var failure: String?
        while failure == nil && !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { failure = String(cString: strerror(errno)) } else { bytes = bytes.dropFirst(count) }
        }
        if close(file) != 0 && failure == nil { failure = String(cString: strerror(errno)) }
        return failure
    }
}
