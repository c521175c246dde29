import Foundation
import Synchronization

/// A server that takes mails, and keeps them.
public enum MailServer {
    public struct Mail: Sendable, Hashable {
        public let sender: String
        public let recipients: [String]
        /// With the dots undone that the protocol doubles.
        public let text: String
        /// What AUTH PLAIN brought.
        public let login: String?

        public init(sender: String, recipients: [String], text: String, login: String?) {
            (self.sender, self.recipients, self.text, self.login) = (sender, recipients, text, login)
        }
    }

    public final class Received: Sendable {
        private let mails = Mutex<[Mail]>([])
        public var all: [Mail] { mails.withLock { $0 } }
        fileprivate func add(_ mail: Mail) { mails.withLock { $0.append(mail) } }
    }

    /// - Parameters:
    ///   - refused: an address that it does not take.
    ///   - wantsLogin: whether it offers AUTH PLAIN.
    public static func start(
        refuses refused: String? = nil, wantsLogin: Bool = false
    ) throws -> (LoopbackServer, Received) {
        let received = Received()
        let server = try LoopbackServer { connection in
            connection.write("220 here\r\n")
            var (sender, recipients, login) = ("", [String](), String?.none)
            func address(_ line: String) -> String {
                String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
            }
            while true {
                let line = connection.read(until: "\r\n")
                switch line.prefix(4).uppercased() {
                case "EHLO": connection.write(wantsLogin ? "250-here\r\n250 AUTH PLAIN\r\n" : "250 here\r\n")
                case "AUTH":
                    var word = String(line.split(separator: " ").dropFirst(2).first ?? "")
                    if word.isEmpty {
                        connection.write("334 \r\n")
                        word = connection.read(until: "\r\n")
                    }
                    let data = Data(base64Encoded: word.trimmingCharacters(in: .whitespacesAndNewlines)) ?? Data()
                    login = String(decoding: data, as: UTF8.self)
                    connection.write("235 welcome\r\n")
                case "MAIL":
                    sender = address(line)
                    connection.write("250 ok\r\n")
                case "RCPT":
                    if address(line) == refused {
                        connection.write("550 no such person\r\n")
                    } else {
                        recipients.append(address(line))
                        connection.write("250 ok\r\n")
                    }
                case "DATA":
                    connection.write("354 go on\r\n")
                    let text = connection.read(until: "\r\n.\r\n").dropLast(2)
                    let undone = text.replacingOccurrences(of: "\r\n..", with: "\r\n.")
                    received.add(Mail(sender: sender, recipients: recipients, text: undone, login: login))
                    connection.write("250 taken\r\n")
                case "QUIT":
                    connection.write("221 bye\r\n")
                    return
                case "": return
                default: connection.write("502 what?\r\n")
                }
            }
        }
        return (server, received)
    }
}
