import Foundation
import Glibc

/// A folder of what people handed in, at one site.
struct UploadTree: Sendable {
    /// Without a slash at its end.
    let root: String

    /// What is not whole yet ends so; the job leaves it alone.
    static let unfinished = ".part"

    /// Puts a file there, whole or not at all, with the folders above it.
    func write(_ path: String, _ text: String) throws {
        let full = "\(root)/\(path)"
        let above = (full as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
            try text.write(toFile: full + Self.unfinished, atomically: false, encoding: .utf8)
        } catch { throw DemoError("could not write \(full): \(error.localizedDescription)") }
        guard rename(full + Self.unfinished, full) == 0 else {
            throw DemoError("could not write \(full): \(String(cString: strerror(errno)))")
        }
    }

    /// What is in a file; nil when there is none.
    func text(_ path: String) -> String? { try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }

    func remove(_ path: String) { unlink("\(root)/\(path)") }

    /// Every file and what is in it, but for what is Switchback's own.
    func files() -> [String: String] {
        var all: [String: String] = [:]
        let paths = FileManager.default.enumerator(atPath: root)
        while let path = paths?.nextObject() as? String {
            guard !path.hasPrefix(".switchback"), !path.hasSuffix(Self.unfinished), let text = text(path) else {
                continue
            }
            all[path] = text
        }
        return all
    }
}
