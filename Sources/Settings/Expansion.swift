/// Gives texts what the environment and files hold: `${NAME}`, and `file:PATH` as a whole text.
struct Expansion {
    let environment: [String: String]
    /// Where relative paths begin: the configuration's folder.
    let folder: String

    /// Why a text cannot be expanded. No value is in it, only names that stand in the configuration.
    struct Failure: Error, Equatable {
        let message: String
        let remedy: String
    }

    /// The text with everything put in. What is put in is not looked through again.
    func expand(_ text: String) throws(Failure) -> String {
        guard text.hasPrefix("file:") else { return try withVariables(text) }
        let path = try withVariables(String(text.dropFirst("file:".count)))
        guard !path.isEmpty else {
            throw Failure(message: "names no file", remedy: "write file: and a path, such as file:/etc/switchback/dsn")
        }
        let full = path.hasPrefix("/") ? path : folder + "/" + path
        do {
            var content = try TextFile.read(full)
            // Editors and echo end a file with a newline; no secret ends with one. CR and LF are one character.
            if content.last == "\n" || content.last == "\r\n" { content.removeLast() }
            return content
        } catch {
            let shown = text.contains("${") ? String(text.dropFirst("file:".count)) : full
            let remedy =
                switch error {
                case .isMissing: "write it, or mend the path"
                case .cannotBeRead: "let the user that runs switchback read it, or mend the path"
                default: "name a small text file"
                }
            throw Failure(message: "needs the file \(shown), and \(error.message)", remedy: remedy)
        }
    }

    private func withVariables(_ text: String) throws(Failure) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                let name = rest.dropFirst(2).prefix { $0 != "}" }
                guard name.endIndex < rest.endIndex, Self.isName(name) else {
                    throw Failure(
                        message: "has a ${ that no name and } follow",
                        remedy: "write ${NAME}; where a text really holds ${, write $${")
                }
                guard let value = environment[String(name)] else {
                    throw Failure(
                        message: "needs the environment variable \(name), which is not set",
                        remedy: "set \(name) for switchback; where a text really holds ${, write $${")
                }
                result += value
                rest = rest[name.endIndex...].dropFirst()
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
