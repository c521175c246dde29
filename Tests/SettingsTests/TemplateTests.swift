import Foundation
import Settings
import Testing

@Suite("The configuration that init writes") struct TemplateTests {
    private var lines: [String] { Settings.template.components(separatedBy: "\n") }

    /// A setting that is commented out: no space behind its `#`, or the indentation of a nested key.
    private func isSetting(_ line: String) -> Bool {
        guard line.hasPrefix("#"), let next = line.dropFirst().first else { return false }
        return next != " " || line.hasPrefix("#  ") && !line.hasPrefix("#   \"")
    }

    @Test func `it can be read as it stands`() throws {
        let settings = try Settings.parse(Settings.template)
        #expect(settings.nodes.map(\.name) == ["raleigh", "durham"])
        #expect(settings.syncs.map(\.name) == ["library"])
        #expect(settings.sites.isEmpty && settings.failover == nil)
    }

    @Test func `every setting that is commented out can be used, and all of them but for choices at once`() throws {
        var text: [String] = []
        var choices: [(line: Int, text: String)] = []
        for line in lines {
            let setting = isSetting(line) ? String(line.dropFirst()) : line
            let key = setting.trimmingCharacters(in: .whitespaces).prefix { $0 != ":" }
            // Of several ways to say one thing, one can hold.
            let isFirstProvider = key == "provider" && !text.contains { $0.contains("provider:") }
            if isSetting(line) && ["dsn", "conflict", "provider"].contains(key) && !isFirstProvider {
                choices.append((text.count, setting))
                text.append("")
            } else {
                text.append(setting)
            }
        }
        let file = "/tmp/switchback-template-\(UInt64.random(in: 0 ... .max))"
        try "geheim".write(toFile: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let environment = [
            "DURHAM_DSN": "dbname=x", "PDNS_KEY": "k", "AWS_KEY": "k", "AWS_SECRET": "k", "CLOUDFLARE_TOKEN": "k",
            "NAMECHEAP_KEY": "k", "RSYNC_SECRET": "x",
        ]
        func parse(_ lines: [String]) throws -> Settings {
            let text = lines.joined(separator: "\n").replacing("/etc/switchback/tsig", with: file)
                .replacing("/etc/switchback/durham.dsn", with: file)
                .replacing("file:/etc/switchback/webhook", with: "https://chat.example.org/geheim")
            return try Settings.parse(text, environment: environment)
        }
        let all = try parse(text)
        #expect(all.sites.count == 2 && all.files.count == 6 && all.health?.checks.count == 4)
        #expect(all.notify.count == 2 && all.health?.observers.count == 3)
        #expect(all.dns?.records.count == 1 && all.failover?.mode == .manual)
        #expect(all.syncs[0].exclude.count == 2 && all.syncs[0].overrides.count == 5)
        #expect(choices.count == 13)
        let durham = try #require(text.lastIndex { $0.contains("dsn:") })
        let provider = try #require(text.firstIndex { $0.contains("provider:") })
        for choice in choices {
            var lines = text
            lines[choice.line] = choice.text
            if choice.text.contains("dsn:") { lines[durham] = "" }
            if choice.text.contains("provider:") { lines[provider] = "" }
            _ = try parse(lines)
        }
    }

    /// What few need stands in the manuals alone.
    private static let rare: Set = [
        "smallest", "prefer", "function", "recheck", "timeout", "down_weight", "observer", "vote_age", "tcp",
        "file_age",
        "name", "site", "weight", "matches", "header", "headers", "verify", "ca_file", "follow", "host", "port",
        "max_lag",
        "max_pending_rows", "environment", "warning", "max_age", "tries", "user", "password", "tls",
        "server_id", "zone_id", "session_token", "region", "account", "links",
    ]

    @Test func `it shows every section and every key but those that are below others or rare`() {
        for path in Keys.paths where !path.contains(".conflict.") {
            let key = path.split(separator: ".").last.map(String.init) ?? ""
            let isShown = Settings.template.contains("\(key):") || Self.rare.contains(key)
            #expect(isShown, "\(path)")
        }
    }

    @Test func `its lines fit a terminal`() {
        for line in lines { #expect(line.count <= 120, "\(line)") }
        #expect(Settings.template.hasSuffix("\n") && !Settings.template.hasSuffix("\n\n"))
    }
}
