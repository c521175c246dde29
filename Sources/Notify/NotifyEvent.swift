public import Foundation

/// Something that happened and that people want to be told.
public struct NotifyEvent: Sendable, Hashable {
    /// What kind of thing, for programs: `failover.started`, `health.down`.
    public var kind: String
    public var cluster: String
    /// The site that it is about, if it is about one.
    public var site: String?
    /// A line for people.
    public var title: String
    /// More of it, if there is more to be said.
    public var text: String
    public var at: Date
    /// What programs may want to know, by name. Never a secret.
    public var details: [String: String]

    public init(
        kind: String, cluster: String, site: String? = nil, title: String, text: String = "", at: Date = Date(),
        details: [String: String] = [:]
    ) {
        self.kind = kind
        self.cluster = cluster
        self.site = site
        self.title = title
        self.text = text
        self.at = at
        self.details = details
    }

    /// As a JSON document: `kind`, `cluster`, `site`, `title`, `text`, `at` in ISO 8601, `details`.
    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            kind: kind, cluster: cluster, site: site, title: title, text: text, at: at.formatted(.iso8601),
            details: details)
        // Texts and a time: there is nothing in it that cannot be encoded.
        return (try? encoder.encode(document)).map(Array.init) ?? Array("{}".utf8)
    }

    private struct Document: Encodable {
        let kind: String
        let cluster: String
        let site: String?
        let title: String
        let text: String
        let at: String
        let details: [String: String]

        private enum Key: String, CodingKey { case kind, cluster, site, title, text, at, details }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(kind, forKey: .kind)
            try container.encode(cluster, forKey: .cluster)
            // Null where there is none: readers find every key.
            try container.encode(site, forKey: .site)
            try container.encode(title, forKey: .title)
            try container.encode(text, forKey: .text)
            try container.encode(at, forKey: .at)
            try container.encode(details, forKey: .details)
        }
    }
}
