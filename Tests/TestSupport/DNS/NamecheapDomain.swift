import Foundation

/// A domain at Namecheap, as its interface has it: all records are written at once, errors come with HTTP 200, and too many
/// calls are answered with 405.
struct NamecheapDomain: Sendable {
    struct Host: Sendable, Equatable {
        var name: String
        var type: String
        var address: String
        var mxPreference = "10"
        var ttl = "1799"

        var line: String { "\(name) \(type) \(address) \(ttl)" }
    }

    enum Trouble: Sendable, Equatable {
        case none
        case error(String, String)
        case torn, page, empty
    }

    var hosts: [Host]
    var emailType = "MX"
    /// Elements of this name; both are answered in the wild.
    var spelling = "host"
    /// So many calls are answered with 405.
    var tooMany = 0
    var trouble = Trouble.none
    var isLost = false
    var isLying = false
    /// What somebody else writes between our write and our look.
    var intruder: Host?
    var isUsingOurDNS = "true"

    static let key = "opensesame-4711"

    static let start = NamecheapDomain(hosts: [
        Host(name: "@", type: "A", address: "192.0.2.10"),
        Host(name: "www", type: "NS", address: "gss1.example.net."),
        Host(name: "www", type: "NS", address: "gss2.example.net."),
        Host(name: "@", type: "MX", address: "mail.example.org.", mxPreference: "20", ttl: "1800"),
        Host(name: "@", type: "TXT", address: "v=spf1 a \"quoted\" <&> -all", ttl: "300"),
        Host(name: "Mixed", type: "CNAME", address: "Target.example.net", ttl: "60"),
    ])

    private static func document(_ inside: String, status: String = "OK", errors: String = "") -> String {
        """
        <?xml version="1.0" encoding="utf-8"?>
        <ApiResponse Status="\(status)" xmlns="http://api.namecheap.com/xml.response"><Errors>\(errors)</Errors><Warnings />
        \(inside)<Server>X</Server><GMTTimeDifference>--5:00</GMTTimeDifference></ApiResponse>
        """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
            "\"", with: "&quot;")
    }

    mutating func answer(_ request: WebStub<NamecheapDomain>.Request) -> WebStub<NamecheapDomain>.Answer {
        if tooMany > 0 {
            tooMany -= 1
            return .init(status: "405 Method Not Allowed", body: "<html>Too many requests</html>")
        }
        let form = request.form
        guard request.method == "POST", form["ApiKey"] == Self.key, form["ApiUser"] == "library",
            form["UserName"] == "library"
        else {
            return Self.error("1011102", "API Key is invalid or API access has not been enabled")
        }
        guard form["ClientIp"] == "192.0.2.10" else { return Self.error("1011150", "Invalid request IP: 192.0.2.99") }
        guard form["SLD"] == "example", form["TLD"] == "org" else { return Self.error("2019166", "Domain not found") }
        if case .error(let number, let text) = trouble { return Self.error(number, text) }
        if trouble == .page { return .init(status: "502 Bad Gateway", body: "<html><body>oops") }
        switch form["Command"] {
        case "namecheap.domains.dns.getHosts": return .init(body: list())
        case "namecheap.domains.dns.setHosts": return write(form)
        default: return Self.error("1010900", "Command is invalid")
        }
    }

    private static func error(_ number: String, _ text: String) -> WebStub<NamecheapDomain>.Answer {
        .init(body: document("", status: "ERROR", errors: "<Error Number=\"\(number)\">\(text)</Error>"))
    }

    private func list() -> String {
        let shown = trouble == .empty ? [] : hosts
        let elements = shown.enumerated().map { index, host in
            let ttl = trouble == .torn && index == 2 ? "" : " TTL=\"\(host.ttl)\""
            return "<\(spelling) HostId=\"\(index)\" Name=\"\(host.name)\" Type=\"\(host.type)\" "
                + "Address=\"\(Self.escaped(host.address))\" MXPref=\"\(host.mxPreference)\"\(ttl) AssociatedAppTitle=\"\" "
                + "FriendlyName=\"\" IsActive=\"true\" IsDDNSEnabled=\"false\" />"
        }
        return Self.document(
            """
            <RequestedCommand>namecheap.domains.dns.gethosts</RequestedCommand>
            <CommandResponse Type="namecheap.domains.dns.getHosts"><DomainDNSGetHostsResult Domain="example.org" \
            EmailType="\(emailType)" IsUsingOurDNS="\(isUsingOurDNS)">\(elements.joined())</DomainDNSGetHostsResult></CommandResponse>
            """)
    }

    /// What is not in it is deleted, mail goes as it says.
    private mutating func write(_ form: [String: String]) -> WebStub<NamecheapDomain>.Answer {
        var written: [Host] = []
        for number in 1... {
            guard let name = form["HostName\(number)"], let type = form["RecordType\(number)"],
                let address = form["Address\(number)"]
            else { break }
            written.append(
                Host(
                    name: name, type: type, address: address, mxPreference: form["MXPref\(number)"] ?? "10",
                    ttl: form["TTL\(number)"] == "1800" ? "1799" : form["TTL\(number)"] ?? "1799"))
        }
        if !isLying {
            hosts = written.reversed()
            emailType = form["EmailType"] ?? "NONE"
            if let intruder { hosts.append(intruder) }
        }
        let done = Self.document(
            """
            <CommandResponse Type="namecheap.domains.dns.setHosts"><DomainDNSSetHostsResult Domain="example.org" IsSuccess="true" />\
            </CommandResponse>
            """)
        return .init(body: done, isLost: isLost)
    }
}
