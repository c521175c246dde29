import Foundation
import Model

extension Value {
    /// A URL of the web, what can be shown of it, and where it leads. An error repeats nothing of it.
    func url() -> (text: String, shown: String, place: NetworkPlace)? {
        guard let text = text("a URL") else { return nil }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(scheme)
        else {
            report("must be a URL", remedy: "begin it with https:// or http:// and a host name")
            return nil
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let place = NetworkPlace(host: bare, port: parts.port ?? (scheme == "https" ? 443 : 80))
        return (text, "\(scheme)://\(host)\(port)\(parts.percentEncodedPath)", place)
    }

    /// The name or address of a host.
    func host() -> String? {
        guard let text = text("a host") else { return nil }
        let isName = text.utf8.allSatisfy { byte in
            let scalar = Unicode.Scalar(byte)
            return scalar.properties.isASCIIHexDigit || scalar.properties.isAlphabetic
                || "-_.".unicodeScalars.contains(scalar)
                || ("0"..."9").contains(scalar)
        }
        if isName || IPAddress(text) != nil { return text }
        report(
            "must be the name or address of a host, not \(shown)", remedy: "write it like db1.example.org or 192.0.2.10"
        )
        return nil
    }

    /// `HOST:PORT`, an IPv6 address in brackets.
    func networkPlace() -> NetworkPlace? {
        guard let text = text("a host and a port") else { return nil }
        let colon = text.lastIndex(of: ":")
        let port = colon.flatMap { Int(text[text.index(after: $0)...]) } ?? 0
        var host = colon.map { String(text[..<$0]) } ?? ""
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        let isPlain = !host.isEmpty && !host.contains { $0.isWhitespace || "/@=".contains($0) }
        guard isPlain, isBracketed ? IPAddress(host) != nil : !host.contains(":"), (1...65535).contains(port) else {
            report(
                "must be a host and a port, not \(shown)", remedy: "write it like 192.0.2.1:443 or [2001:db8::1]:443")
            return nil
        }
        return NetworkPlace(host: host, port: port)
    }

    /// An address; a name is none.
    func address() -> IPAddress? {
        guard let text = text("an IP address") else { return nil }
        if let address = IPAddress(text) { return address }
        report("must be an IP address, not \(shown)", remedy: "write it like 192.0.2.10 or 2001:db8::10")
        return nil
    }

    func absolutePath() -> String? {
        guard let text = text("a path") else { return nil }
        if text.hasPrefix("/") { return text }
        report("must be a path from the top, not \(shown)", remedy: "begin it with /")
        return nil
    }

    /// An expression that is looked for in lines.
    func linePattern() -> LinePattern? {
        guard let text = text("an expression") else { return nil }
        do { return try LinePattern(text) } catch {
            report("is no expression: \(error.reason)", remedy: "write it as for grep -E")
            return nil
        }
    }

    /// A program by its whole path, and its arguments.
    func command() -> [String]? {
        guard let words = list() else { return nil }
        let command = words.compactMap { $0.text() }
        guard command.count == words.count else { return nil }
        guard command[0].hasPrefix("/") else {
            words[0].report("must be the whole path of a program, not \(words[0].shown)", remedy: "begin it with /")
            return nil
        }
        return command
    }

    /// Variables by name.
    func environment() -> [String: Secret]? {
        guard let pairs = named() else { return nil }
        var variables: [String: Secret] = [:]
        for (key, value) in pairs {
            guard let name = key.text("the name of a variable"), let text = value.secret() else { continue }
            guard !name.isEmpty, !name.contains("=") else {
                key.report("cannot be the name of a variable", remedy: "write NAME: value")
                continue
            }
            variables[name] = text
        }
        return variables.count == pairs.count ? variables : nil
    }

    /// Headers by name.
    func headers() -> [HTTPHeader]? {
        guard let pairs = named() else { return nil }
        let headers = pairs.compactMap { key, value -> HTTPHeader? in
            guard let name = key.text("the name of a header"), let text = value.secret() else { return nil }
            guard Self.isHeaderName(name) else {
                key.report("cannot be the name of a header", remedy: "write it like Host: www.example.org")
                return nil
            }
            // A line break would begin another header.
            guard !text.value.unicodeScalars.contains(where: { $0 == "\r" || $0 == "\n" }) else {
                value.report("has more than one line", remedy: "write it in one line")
                return nil
            }
            return HTTPHeader(name: name, value: text)
        }
        return headers.count == pairs.count ? headers : nil
    }

    /// `NAME`, or `NAME: TEXT`.
    func headerText() -> HTTPCheck.HeaderText? {
        guard let text = text("the name of a header") else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        guard let name = parts.first, Self.isHeaderName(name) else {
            report("must begin with the name of a header, not \(shown)", remedy: "write it like \"X-Site: primary\"")
            return nil
        }
        let value = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
        return HTTPCheck.HeaderText(name: name, text: value)
    }

    private static func isHeaderName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }
}
