import Foundation
public import Model

/// A secret that a server and its clients share, to sign messages with (RFC 8945). It prints without the secret.
public struct TSIGKey: Sendable, Hashable {
    public enum Algorithm: String, Sendable, CaseIterable {
        case sha224 = "hmac-sha224"
        case sha256 = "hmac-sha256"
        case sha384 = "hmac-sha384"
        case sha512 = "hmac-sha512"

        var hash: SHA2 {
            switch self {
            case .sha224: .sha224
            case .sha256: .sha256
            case .sha384: .sha384
            case .sha512: .sha512
            }
        }

        var name: DNSName { DNSName(rawValue)! }
    }

    public let name: DNSName
    public let algorithm: Algorithm
    let secret: [UInt8]

    public init(name: DNSName, algorithm: Algorithm, secret: [UInt8]) {
        (self.name, self.algorithm, self.secret) = (name, algorithm, secret)
    }

    /// Why a text is no key. It repeats nothing of it.
    public struct Unreadable: Error, Hashable {
        public let message: String
    }

    /// Reads a key as `tsig-keygen` and `named.conf` have it, `key "name" { algorithm hmac-sha256; secret "…"; };`, or on
    /// one line, as `nsupdate -y` and `keymgr` have it: `hmac-sha256:name:…`.
    public init(text: String) throws(Unreadable) {
        let plain = Self.withoutComments(text)
        if plain.contains("{") {
            try self.init(clause: plain)
        } else {
            try self.init(line: plain)
        }
    }

    private init(clause text: String) throws(Unreadable) {
        let words = text.split { $0.isWhitespace || "{};\"".contains($0) }.map(String.init)
        guard words.first == "key", words.count == 6 else {
            throw Unreadable(message: "is not one clause key \"name\" { algorithm …; secret \"…\"; };")
        }
        var values: [String: String] = [:]
        for at in [2, 4] { values[words[at].lowercased()] = words[at + 1] }
        guard let algorithm = values["algorithm"], let secret = values["secret"] else {
            throw Unreadable(message: "has no algorithm or no secret")
        }
        try self.init(name: words[1], algorithm: algorithm, secret: secret)
    }

    private init(line text: String) throws(Unreadable) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        switch parts.count {
        case 3: try self.init(name: parts[1], algorithm: parts[0], secret: parts[2])
        default: throw Unreadable(message: "is neither a clause of BIND's nor algorithm:name:secret")
        }
    }

    private init(name: String, algorithm: String, secret: String) throws(Unreadable) {
        guard let keyName = DNSName(name), keyName != .root else {
            throw Unreadable(message: "has a name that is no domain name")
        }
        let small = algorithm.lowercased()
        guard let algorithm = Algorithm(rawValue: small.hasSuffix(".") ? String(small.dropLast()) : small) else {
            let known = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw Unreadable(message: "has an algorithm that is none of \(known)")
        }
        guard let bytes = Data(base64Encoded: secret), !bytes.isEmpty else {
            throw Unreadable(message: "has a secret that is not base64")
        }
        self.init(name: keyName, algorithm: algorithm, secret: Array(bytes))
    }

    /// Base64 has slashes: only a comment of its own, behind a space, begins with two.
    private static func withoutComments(_ text: String) -> String {
        text.replacing(/\/\*.*?\*\//.dotMatchesNewlines(), with: " ")
            .replacing(/(^|\s)(#|\/\/)[^\n]*/, with: " ")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension TSIGKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(name) (\(algorithm.rawValue))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
