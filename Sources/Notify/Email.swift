import Foundation
import HTTP
import Settings

/// Sends a mail.
struct Email: NotifyDelivery {
    let settings: EmailSettings
    let timeout: Duration
    let client: HTTPClient

    func deliver(_ event: NotifyEvent) async throws(DeliveryFailed) {
        // 465 is where TLS begins with the connection.
        let scheme = settings.server.port == 465 ? "smtps" : "smtp"
        var mail = MailRequest(
            server: "\(scheme)://\(settings.server)", sender: settings.sender, recipients: settings.recipients,
            message: Self.message(event, settings))
        if let user = settings.user { mail.credentials = (user, settings.password?.value ?? "") }
        mail.security =
            switch settings.security {
            case .never: .never
            case .offered: .whereOffered
            case .always: .always
            }
        mail.caFile = settings.caFile
        mail.limit = timeout
        do { try await client.sendMail(mail) } catch {
            throw DeliveryFailed(
                reason: (error as? HTTPError)?.description ?? "broken off", isWorthAnother: error is HTTPError)
        }
    }

    /// The message as RFC 5322 and MIME have it: words beyond ASCII in the subject are encoded, and so is the text, for
    /// lines of any length.
    static func message(_ event: NotifyEvent, _ settings: EmailSettings) -> [UInt8] {
        let lines = [
            "From: \(settings.sender)", "To: \(settings.recipients.joined(separator: ", "))",
            "Subject: \(encodedWords("[\(event.cluster)] \(event.title)"))", "Date: \(date(event.at))",
            "Message-ID: <\(UUID().uuidString.lowercased())@\(settings.sender.split(separator: "@").last ?? "localhost")>",
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        var text = event.title + "\n"
        if !event.text.isEmpty { text += "\n\(event.text)\n" }
        text += "\nkind: \(event.kind)\ncluster: \(event.cluster)\n"
        if let site = event.site { text += "site: \(site)\n" }
        for (name, value) in event.details.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\n" }
        let coded = Data(text.replacing("\n", with: "\r\n").utf8).base64EncodedString()
        var body = ""
        for start in stride(from: 0, to: coded.utf8.count, by: 76) {
            body += coded.dropFirst(start).prefix(76) + "\r\n"
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    /// A line as RFC 2047 has it, each word short enough; a line of plain ASCII stays as it is. No line break gets through:
    /// what follows one would be a header of its own.
    static func encodedWords(_ text: String) -> String {
        let line = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
        guard line.utf8.contains(where: { $0 > 126 }) || line.utf8.count > 900 || line.contains("=?") else {
            return line
        }
        var words: [String] = []
        var word = ""
        for character in line {
            if word.utf8.count + String(character).utf8.count > 39 {
                words.append(word)
                word = ""
            }
            word.append(character)
        }
        words.append(word)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func date(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return formatter.string(from: date)
    }
}
