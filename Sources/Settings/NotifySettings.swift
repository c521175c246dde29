/// Somebody who is told when something happens.
public struct NotifySettings: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// A JSON document is posted.
        case webhook(WebhookSettings)
        case email(EmailSettings)
        /// A program is run.
        case exec(NotifyProgram)
    }

    /// As it is shown. Holds no secret.
    public let name: String
    public let kind: Kind
    /// How long one attempt may take.
    public let timeout: Duration
    /// How many attempts are made.
    public let tries: Int

    static func read(_ value: Value) -> NotifySettings? {
        guard let section = value.section(.notify) else { return nil }
        let found = ["webhook", "email", "exec"].compactMap { section[$0] }
        if found.isEmpty, value.isEmptyMapping || section.isKnownOnly {
            value.report("tells nobody", remedy: "write it like \(Keys.notify.example(of: "webhook") ?? "webhook")")
        }
        for other in found.dropFirst() {
            other.report("is a second one in one place", remedy: "begin each with a dash of its own")
        }
        let kinds = [
            section["webhook"].map { WebhookSettings.read($0).map { Kind.webhook($0) } },
            section["email"].map { EmailSettings.read($0).map { .email($0) } },
            section["exec"].map { NotifyProgram.read($0).map { .exec($0) } },
        ]
        let name = section["name"].map { $0.text() }
        let timeout = section["timeout"].map { $0.duration(least: "10ms") } ?? .seconds(10)
        let tries = section["tries"].map { $0.number(1...20) } ?? 4
        guard let kind = kinds.compactMap({ $0 }).first ?? nil, let timeout, let tries else { return nil }
        return NotifySettings(name: (name ?? nil) ?? kind.name, kind: kind, timeout: timeout, tries: tries)
    }
}

extension NotifySettings.Kind {
    fileprivate var name: String {
        switch self {
        case .webhook(let webhook): "webhook \(webhook.shown)"
        case .email(let email): "email to \(email.recipients.joined(separator: ", "))"
        case .exec(let program): "exec \(program.command[0].split(separator: "/").last ?? "program")"
        }
    }
}

/// Where a document is posted.
public struct WebhookSettings: Sendable, Equatable {
    /// May hold a token, and often is one.
    public let url: Secret
    /// The host, without anything that could be a token.
    public let shown: String
    public let headers: [HTTPHeader]
    public let caFile: String?

    static func read(_ value: Value) -> WebhookSettings? {
        guard let section = value.section(.webhook) else { return nil }
        let url = section.required("url")?.url()
        let headers = section["headers"].map { $0.headers() } ?? []
        let caFile = section["ca_file"].map { $0.absolutePath() }
        guard let url, let headers else { return nil }
        return WebhookSettings(
            url: Secret(url.text), shown: "at \(url.place)", headers: headers, caFile: caFile ?? nil)
    }
}

/// Who gets a mail, and by whom it is taken.
public struct EmailSettings: Sendable, Equatable {
    public enum Security: String, Sendable, CaseIterable {
        case never
        case offered
        case always
    }

    public let server: NetworkPlace
    public let sender: String
    public let recipients: [String]
    public let user: String?
    public let password: Secret?
    /// Whether the conversation is encrypted.
    public let security: Security
    public let caFile: String?

    static func read(_ value: Value) -> EmailSettings? {
        guard let section = value.section(.email) else { return nil }
        let server = section.required("server")?.networkPlace()
        let sender = section.required("from")?.mailAddress()
        let recipients = section.required("to")?.list()?.map { $0.mailAddress() }
        let user = section["user"].map { $0.text() }
        let password = section["password"].map { $0.secret() }
        let words = Security.allCases.map(\.rawValue)
        // A password that anybody on the way can read is none.
        let word = section["tls"].map { $0.choice(among: words) } ?? (password == nil ? "offered" : "always")
        if user == nil, password != nil {
            section["password"]?.report("is given without a user", remedy: "add user: switchback")
        }
        let caFile = section["ca_file"].map { $0.absolutePath() }
        guard let server, let sender, let recipients, let security = word.flatMap({ Security(rawValue: $0) }),
            !recipients.contains(where: { $0 == nil })
        else { return nil }
        return EmailSettings(
            server: server, sender: sender, recipients: recipients.compactMap { $0 }, user: user ?? nil,
            password: password ?? nil, security: security, caFile: caFile ?? nil)
    }
}

/// What is run when something happens.
public struct NotifyProgram: Sendable, Equatable {
    /// The program by its whole path, and its arguments. No shell takes them apart.
    public let command: [String]
    /// Variables on top of this process's own; they may hold secrets.
    public let environment: [String: Secret]

    static func read(_ value: Value) -> NotifyProgram? {
        guard let section = value.section(.notifyProgram) else { return nil }
        let command = section.required("command")?.command()
        let environment = section["environment"].map { $0.environment() } ?? [:]
        guard let command, let environment else { return nil }
        return NotifyProgram(command: command, environment: environment)
    }
}

extension Value {
    /// `NAME@HOST`, and nothing around it.
    fileprivate func mailAddress() -> String? {
        guard let text = text("a mail address") else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = !text.unicodeScalars.contains {
            $0.properties.isWhitespace || $0.value < 33 || "<>\"".unicodeScalars.contains($0)
        }
        if parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain { return text }
        report("must be a mail address", remedy: "write it like ops@example.org")
        return nil
    }
}
