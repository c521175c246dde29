import Foundation

/// A zone at Cloudflare, as its interface shows it: records with identities, batches done whole or not at all.
struct CloudflareZone: Sendable {
    struct Record: Sendable {
        var id: String
        var name: String
        var type: String
        var content: String
        var ttl: Int
        var proxied = false
    }

    var records: [Record]
    var next = 100
    var isLimited = false
    var isLost = false
    var isLying = false

    static let token = "opensesame-4711"

    static let start = CloudflareZone(records: [
        .init(id: "1", name: "example.org", type: "A", content: "192.0.2.10", ttl: 1),
        .init(id: "2", name: "www.example.org", type: "NS", content: "gss1.example.net", ttl: 3600),
        .init(id: "3", name: "www.example.org", type: "NS", content: "gss2.example.net", ttl: 3600),
        .init(id: "4", name: "mail.example.org", type: "A", content: "192.0.2.25", ttl: 3600),
    ])

    private static func envelope(_ result: Any, pages: Int = 1) -> String {
        let object: [String: Any] = [
            "success": true, "errors": [], "messages": [], "result": result,
            "result_info": ["page": 1, "per_page": 1, "total_pages": pages],
        ]
        return String(decoding: try! JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    private static func refusal(_ code: Int, _ message: String, status: String) -> WebStub<CloudflareZone>.Answer {
        .init(
            status: status,
            body: #"{"success":false,"errors":[{"code":\#(code),"message":"\#(message)"}],"messages":[],"result":null}"#
        )
    }

    mutating func answer(_ request: WebStub<CloudflareZone>.Request) -> WebStub<CloudflareZone>.Answer {
        if isLimited { return .init(status: "429 Too Many Requests", headers: ["retry-after: 7"], body: "") }
        guard request.headers["authorization"] == "Bearer \(Self.token)" else {
            return Self.refusal(9109, "Invalid access token", status: "403 Forbidden")
        }
        switch (request.method, request.path) {
        case ("GET", "/zones"):
            let zones = request.values["name"] == "example.org" ? [["id": "z1", "name": "example.org"]] : []
            return .init(body: Self.envelope(zones))
        case ("GET", "/zones/z1/dns_records"):
            let all = records.filter { $0.name == request.values["name"] }
            // One a page, so that pages are read.
            let page = Int(request.values["page"] ?? "1") ?? 1
            let shown = all.dropFirst(page - 1).prefix(1).map { record -> [String: Any] in
                [
                    "id": record.id, "name": record.name, "type": record.type, "content": record.content,
                    "ttl": record.ttl, "proxied": record.proxied,
                ]
            }
            return .init(body: Self.envelope(shown, pages: max(1, all.count)))
        case ("POST", "/zones/z1/dns_records/batch"): return batch(request.body)
        default: return Self.refusal(7003, "no such route", status: "404 Not Found")
        }
    }

    /// Deletions, patches, posts, in this order.
    private mutating func batch(_ body: String) -> WebStub<CloudflareZone>.Answer {
        guard let batch = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [[String: Any]]] else {
            return Self.refusal(9207, "cannot be read", status: "400 Bad Request")
        }
        var records = records
        for deletion in batch["deletes"] ?? [] {
            guard let at = records.firstIndex(where: { $0.id == deletion["id"] as? String }) else {
                return Self.refusal(81044, "Record does not exist.", status: "404 Not Found")
            }
            records.remove(at: at)
        }
        for patch in batch["patches"] ?? [] {
            guard let at = records.firstIndex(where: { $0.id == patch["id"] as? String }) else {
                return Self.refusal(81044, "Record does not exist.", status: "404 Not Found")
            }
            if let content = patch["content"] as? String { records[at].content = content }
            if let ttl = patch["ttl"] as? Int { records[at].ttl = ttl }
        }
        for post in batch["posts"] ?? [] {
            guard let name = post["name"] as? String, let type = post["type"] as? String,
                let content = post["content"] as? String, let ttl = post["ttl"] as? Int
            else { return Self.refusal(9005, "Content is missing", status: "400 Bad Request") }
            if type == "A", records.contains(where: { $0.name == name && ["NS", "CNAME"].contains($0.type) }) {
                return Self.refusal(81053, "An NS record with that host already exists.", status: "400 Bad Request")
            }
            records.append(.init(id: "\(next)", name: name, type: type, content: content, ttl: ttl))
            next += 1
        }
        if !isLying { self.records = records }
        return .init(body: Self.envelope([String: String]()), isLost: isLost)
    }
}
