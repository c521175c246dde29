import DNSWire
import Foundation

/// A hosted zone at Route 53: signatures are verified, batches are done whole or not at all, and a change takes its time.
struct HostedZone: Sendable {
    struct Set: Sendable, Equatable {
        var name: String
        var type: String
        var ttl: Int
        var values: [String]
        var extra = ""
    }

    var sets: [Set]
    /// How often a change is still PENDING when it is asked about.
    var pendingAnswers = 2
    var asked = 0
    var isLost = false
    var isLying = false
    var isThrottled = false
    var zones = 1

    static let accessKey = "AKIDEXAMPLE"
    static let secretKey = "opensesame/4711+x"

    static let start = HostedZone(sets: [
        Set(name: "example.org.", type: "A", ttl: 300, values: ["192.0.2.10"]),
        Set(name: "example.org.", type: "NS", ttl: 3600, values: ["ns-1.example.net."]),
        Set(name: "example.org.", type: "TXT", ttl: 3600, values: ["&quot;kept&quot;"]),
        Set(name: "\\052.example.org.", type: "A", ttl: 60, values: ["192.0.2.99"]),
        Set(name: "www.example.org.", type: "NS", ttl: 1800, values: ["gss1.example.net", "GSS2.example.net."]),
    ])

    private static let space = "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\""

    private static func error(_ status: String, _ code: String, _ message: String) -> WebStub<HostedZone>.Answer {
        .init(
            status: status,
            body:
                "<?xml version=\"1.0\"?>\n<ErrorResponse \(space)><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        )
    }

    mutating func answer(_ request: WebStub<HostedZone>.Request) -> WebStub<HostedZone>.Answer {
        guard Signature.isRight(request, accessKey: Self.accessKey, secretKey: Self.secretKey) else {
            return Self.error(
                "403 Forbidden", "SignatureDoesNotMatch", "The request signature we calculated does not match")
        }
        if isThrottled { return Self.error("400 Bad Request", "Throttling", "Rate exceeded") }
        switch (request.method, request.path) {
        case ("GET", "/2013-04-01/hostedzonesbyname"):
            let found = request.values["dnsname"] == "example.org." ? zones : 0
            let all = (0..<found).map {
                "<HostedZone><Id>/hostedzone/Z\($0 + 1)</Id><Name>example.org.</Name><Config><PrivateZone>false</PrivateZone></Config><ResourceRecordSetCount>\(sets.count)</ResourceRecordSetCount></HostedZone>"
            }
            return .init(
                body:
                    "<ListHostedZonesByNameResponse \(Self.space)><HostedZones>\(all.joined())</HostedZones></ListHostedZonesByNameResponse>"
            )
        case ("GET", "/2013-04-01/hostedzone/Z1"):
            return .init(
                body:
                    "<GetHostedZoneResponse \(Self.space)><HostedZone><Id>/hostedzone/Z1</Id><Name>example.org.</Name><ResourceRecordSetCount>\(sets.count)</ResourceRecordSetCount></HostedZone></GetHostedZoneResponse>"
            )
        case ("GET", "/2013-04-01/hostedzone/Z1/rrset"): return list(request.values)
        case ("POST", "/2013-04-01/hostedzone/Z1/rrset/"): return change(request.body)
        case ("GET", "/2013-04-01/change/C1"):
            asked += 1
            let status = asked > pendingAnswers ? "INSYNC" : "PENDING"
            return .init(body: "<GetChangeResponse \(Self.space)>\(Self.info(status))</GetChangeResponse>")
        default: return Self.error("404 Not Found", "NoSuchHostedZone", "No hosted zone found with that ID")
        }
    }

    private static func info(_ status: String) -> String {
        "<ChangeInfo><Id>/change/C1</Id><Status>\(status)</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>"
    }

    /// Two a page, from a name and a type on.
    private func list(_ values: [String: String]) -> WebStub<HostedZone>.Answer {
        let name = values["name"]?.replacing("*", with: "\\052") ?? ""
        let first = sets.firstIndex { $0.name == name && (values["type"] ?? $0.type) == $0.type }
        // Where the name is not, the list goes on with what follows it.
        let from = sets[(first ?? 0)...]
        let elements = from.prefix(2).map { set in
            let records = set.values.map { "<ResourceRecord><Value>\($0)</Value></ResourceRecord>" }.joined()
            return "<ResourceRecordSet><Name>\(set.name)</Name><Type>\(set.type)</Type>\(set.extra)"
                + (records.isEmpty ? "" : "<TTL>\(set.ttl)</TTL><ResourceRecords>\(records)</ResourceRecords>")
                + "</ResourceRecordSet>"
        }
        let next = from.dropFirst(2).first
        let more =
            next.map {
                "<IsTruncated>true</IsTruncated><NextRecordName>\($0.name)</NextRecordName><NextRecordType>\($0.type)</NextRecordType>"
            } ?? "<IsTruncated>false</IsTruncated>"
        return .init(
            body:
                "<ListResourceRecordSetsResponse \(Self.space)><ResourceRecordSets>\(elements.joined())</ResourceRecordSets>\(more)</ListResourceRecordSetsResponse>"
        )
    }

    private mutating func change(_ body: String) -> WebStub<HostedZone>.Answer {
        var changed = sets
        for change in body.components(separatedBy: "<Change>").dropFirst() {
            func texts(_ name: String) -> [String] {
                change.components(separatedBy: "<\(name)>").dropFirst().compactMap {
                    $0.components(separatedBy: "</\(name)>").first
                }
            }
            let set = Set(
                name: texts("Name")[0], type: texts("Type")[0], ttl: Int(texts("TTL")[0]) ?? 0, values: texts("Value"))
            let at = changed.firstIndex { $0.name == set.name && $0.type == set.type }
            switch texts("Action")[0] {
            case "DELETE":
                guard let at, changed[at] == set else {
                    return Self.error(
                        "400 Bad Request", "InvalidChangeBatch",
                        "[Tried to delete resource record set [name='\(set.name)', type='\(set.type)'] but the values provided do not match the current values]"
                    )
                }
                changed.remove(at: at)
            case "CREATE":
                guard at == nil else {
                    return Self.error(
                        "400 Bad Request", "InvalidChangeBatch",
                        "[Tried to create resource record set [name='\(set.name)', type='\(set.type)'] but it already exists]"
                    )
                }
                let place = changed.firstIndex { $0.name > set.name || $0.name == set.name && $0.type > set.type }
                changed.insert(set, at: place ?? changed.count)
            default: return Self.error("400 Bad Request", "InvalidInput", "Invalid action")
            }
        }
        if !isLying { sets = changed }
        asked = 0
        return .init(
            body:
                "<ChangeResourceRecordSetsResponse \(Self.space)>\(Self.info("PENDING"))</ChangeResourceRecordSetsResponse>",
            isLost: isLost)
    }
}

/// Amazon's signature of a request (Signature Version 4), computed anew.
enum Signature {
    static func isRight<State>(_ request: WebStub<State>.Request, accessKey: String, secretKey: String) -> Bool {
        guard let given = request.headers["authorization"], let date = request.headers["x-amz-date"],
            let scope = part("Credential=\(accessKey)/", given), let names = part("SignedHeaders=", given),
            let signature = part("Signature=", given)
        else { return false }
        let fields = scope.split(separator: "/").map(String.init)
        guard fields.count == 4, fields[2] == "route53", fields[3] == "aws4_request", date.hasPrefix(fields[0]) else {
            return false
        }
        let headers = names.split(separator: ";").map { "\($0):\(request.headers[String($0)] ?? "")\n" }.joined()
        let query = request.query.split(separator: "&").sorted().joined(separator: "&")
        let canonical = [
            request.method, request.path, query, headers, names,
            hexadecimal(SHA2.sha256.digest(of: Array(request.body.utf8))),
        ].joined(separator: "\n")
        let text = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n" + hexadecimal(SHA2.sha256.digest(of: Array(canonical.utf8)))
        var key = Array(("AWS4" + secretKey).utf8)
        for field in fields { key = SHA2.sha256.authenticate(Array(field.utf8), key: key) }
        return hexadecimal(SHA2.sha256.authenticate(Array(text.utf8), key: key)) == signature
    }

    private static func part(_ name: String, _ text: String) -> String? {
        guard let range = text.range(of: name) else { return nil }
        return String(text[range.upperBound...].prefix { $0 != "," && $0 != " " })
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
