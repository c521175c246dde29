import Foundation
import Settings
import TestSupport
import Testing

/// Random damage to a configuration that is right. A failure prints its seed; `SWITCHBACK_SEED` runs it again.
@Suite("Damaged configurations") struct MutationTests {
    /// Every key on a line of its own, which many errors can be made on.
    private static let valid = """
        cluster: library
        nodes:
          raleigh:
            dsn: "host=db1 password=geheim"
          durham:
            dsn: "${DSN}"
          boone:
            dsn: "host=db3"
          asheville:
            dsn: "host=db4"
        syncs:
          maps:
            nodes:
              boone: source
              asheville: source
            tables: ["maps.*"]
            links: [[boone, asheville]]
          library:
            nodes:
              raleigh: source
              durham: target
            tables:
              - public.*
              - '"My Schema".*'
            exclude: ["public.scratch_*"]
            conflict: latest
            lost_after: 168h
            clock_skew_limit: 5s
            history_keep: 2160h
            overrides:
              public.item:
                conflict: merge
              public.downloads:
                counters: [total]
                prefer: [raleigh]
              public.eperson:
                where: "active"
                columns: [eperson_id, email]
              public.log:
                full_copy: true
                largest: version
        sites:
          primary:
            node: raleigh
            address: 192.0.2.10
          secondary:
            node: durham
            address: 198.51.100.20
        files:
          opt:
            from: primary
            to: secondary
            path: /opt/
            every: 1m
            delete: true
            exclude: ["access.log*", "log/"]
            include: ["log/keep/"]
            watch: true
            hard_links: true
            acls: true
            xattrs: true
            sparse: true
            whole_file: true
            compress: true
            checksum: true
            bandwidth: 5000
            timeout: 60s
            max_deletions: 1000
            max_deletions_percent: 10
            keep_backups: 336h
            alarm_after: 1h
            conflict: keep_both
            pull: true
            reach:
              primary:
                local: true
                path: /srv/opt/
              secondary:
                daemon: "rsync://backup.example.org/opt"
                user: sync
                password: geheim
            referenced_by:
              table: public.bitstream
              column: path
              hold: true
          home:
            from: primary
            to: secondary
            path: /home/
            cron: "0 3 * * sun"
            reach:
              secondary:
                host: backup.example.org
                shell: [ssh, -p, "2222"]
          images:
            from: primary
            to: secondary
            path: /srv/images/
            once: true
            mover:
              exec: [/usr/local/bin/mover]
              timeout: 1h
        health:
          every: 5s
          recheck: 1s
          timeout: 5s
          fall: 3
          rise: 5
          down_weight: 4
          observer: raleigh
          observers: [raleigh, durham]
          vote_age: 15s
          witnesses: ["192.0.2.1:443"]
          checks:
            - http:
                url: "https://www.example.org/"
                method: GET
                status: 200
                contains: "Search"
                matches: "^[0-9]+ results"
                header: "X-Site: primary"
                headers:
                  Authorization: geheim
                address: 192.0.2.10
                verify: true
                ca_file: /etc/switchback/ca.pem
                follow: true
              name: search
              site: primary
              weight: 2
            - sql:
                node: raleigh
                write: true
                max_lag: 60s
                max_pending_rows: 1000
            - exec:
                command: [/usr/lib/nagios/plugins/check_http, -H, www.example.org]
                environment:
                  SECRET: geheim
                warning: up
            - tcp:
                host: db1.example.org
                port: 5432
            - file_age:
                path: /opt/.last_copy
                max_age: 10m
        notify:
          - webhook:
              url: "https://chat.example.org/geheim"
            name: chat
            tries: 3
          - email:
              server: "mail.example.org:587"
              from: switchback@example.org
              to: [ops@example.org]
              user: switchback
              password: geheim
              tls: always
        dns:
          provider:
            rfc2136:
              server: 192.0.2.53
              zone: example.org
              key: geheim
          records:
            - name: www.example.org
              type: A
              ttl: 60s
          servers: [ns1.example.org]
          ttl_max: 5m
          changed_percent_max: 30
          timeout: 10s
        failover:
          mode: automatic
          freeze_budget: 30s
          failback:
            mode: freeze
            after: 30m
          unfenced: allow
          terminate_sessions: true
          hooks:
            stop: [/usr/local/sbin/site, stop]
            start: [/usr/local/sbin/site, start]
          lease:
            etcd: ["http://192.0.2.30:2379"]
            ttl: 15s
            user: switchback
            password: geheim
            ca_file: /etc/ca.pem
          limits:
            lost: 3s
            catch_up: 10m
            drain: 30s
            compare: 30m
            hook: 20s
            dns_verify: 2m
            linger: 3m
        """

    private static let lines = valid.components(separatedBy: "\n")
    private static let known = Set(Keys.all.flatMap { $0.keys.map(\.name) })

    /// A line that a known key begins: what stands before the key, the key, what follows the colon.
    private static func parts(_ line: String) -> (before: String, key: String, after: String)? {
        let before = line.prefix { $0 == " " || $0 == "-" }
        let key = line.dropFirst(before.count).prefix { $0 != ":" }
        guard known.contains(String(key)) else { return nil }
        return (String(before), String(key), String(line.dropFirst(before.count + key.count + 1)))
    }

    private func refusal(_ text: String) -> SettingsError? {
        do throws(SettingsError) {
            _ = try Settings.parse(text, environment: ["DSN": "from the environment"])
            return nil
        } catch {
            #expect(!error.problems.isEmpty)
            #expect(!error.description.contains("from the environment"), "\(error)")
            return error
        }
    }

    @Test func `the configuration that is damaged here is right`() throws {
        _ = try Settings.parse(Self.valid, environment: ["DSN": "x"])
        // Every key of the contract is in it, but for other ways to write a rule and other providers of DNS.
        let used = Set(Self.lines.compactMap { Self.parts($0)?.key })
        let providers: Set = [
            "powerdns", "server_id", "route53", "zone_id", "access_key", "secret_key", "session_token", "region",
            "cloudflare", "token", "namecheap", "user", "account", "client_ip",
        ]
        #expect(Self.known.subtracting(used).subtracting(providers) == ["smallest", "function"])
    }

    @Test func `a typing error in any key is told with its line and the key that was meant`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for (index, line) in Self.lines.enumerated() {
            guard let parts = Self.parts(line) else { continue }
            for _ in 0..<4 {
                let typo = Self.typo(parts.key, &random)
                // One error can make another key of it.
                guard !Self.known.contains(typo) else { continue }
                var damaged = Self.lines
                damaged[index] = "\(parts.before)\(typo):\(parts.after)"
                let error = refusal(damaged.joined(separator: "\n"))
                #expect(!"\(error as Any)".contains("geheim"), "seed \(seed), line \(index + 1)")
                let problem = error?.problems.first {
                    $0.place?.line == index + 1 && $0.message.contains("unknown key \"\(typo)\"")
                }
                guard let problem else {
                    Issue.record("seed \(seed), line \(index + 1), \(typo): \(String(describing: error))")
                    continue
                }
                if parts.key.count > 3 {
                    #expect(problem.remedy.contains(parts.key), "seed \(seed): \(typo): \(problem.remedy)")
                }
            }
        }
    }

    private static func typo(_ key: String, _ random: inout SeededRandom) -> String {
        var letters = Array(key)
        let at = Int.random(in: 0..<letters.count, using: &random)
        let other = Character(Unicode.Scalar(UInt8.random(in: 97...122, using: &random)))
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where letters.count > 1: letters.remove(at: at)
        case 1: letters.insert(other, at: at)
        case 2 where at + 1 < letters.count && letters[at] != letters[at + 1]: letters.swapAt(at, at + 1)
        default: letters[at] = letters[at] == "q" ? "z" : "q"
        }
        return String(letters)
    }

    @Test func `a value of a wrong type is told with its line`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for (index, line) in Self.lines.enumerated() {
            guard let parts = Self.parts(line) else { continue }
            let isParent = parts.after.isEmpty
            // What is below a key goes with its value.
            let depth = parts.before.count
            let end =
                Self.lines[(index + 1)...].firstIndex { $0.prefix { $0 == " " || $0 == "-" }.count <= depth }
                ?? Self.lines.count
            // An expression looks like a list, and is a text.
            let isText = !isParent && (!parts.after.contains("[") || parts.after.contains("\"^"))
            let wrong = isText ? ["[x]", "{ x: y }", "[]", "{}", ""] : ["5", "text", "", "'x'"]
            var damaged = Self.lines
            damaged.replaceSubrange(
                index..<(isParent ? end : index + 1),
                with: ["\(parts.before)\(parts.key): \(wrong.randomElement(using: &random) ?? "")"])
            let error = refusal(damaged.joined(separator: "\n"))
            #expect(!"\(error as Any)".contains("geheim"), "seed \(seed), line \(index + 1)")
            let isTold = error?.problems.contains { $0.place?.line == index + 1 } ?? false
            #expect(isTold, "seed \(seed): \(damaged[index]): \(String(describing: error))")
        }
    }

    @Test func `any damage at all is an error or a configuration, and never a crash`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let signs = Array(" \n\t:-#{}[]\"'&*!|>%@`$,?~\\\u{0}\u{7F}é😀\u{FEFF}ax5")
        for _ in 0..<400 {
            var text = Array(Self.valid)
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                let at = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: text.remove(at: at)
                case 1: text.insert(signs.randomElement(using: &random) ?? " ", at: at)
                case 2: text[at] = signs.randomElement(using: &random) ?? " "
                case 3:
                    // Moves a piece elsewhere: keys twice, keys in the wrong place.
                    let length = min(Int.random(in: 1..<80, using: &random), text.count - at)
                    let piece = text[at..<(at + length)]
                    text.insert(contentsOf: piece, at: Int.random(in: 0...text.count, using: &random))
                default: text.removeSubrange(at..<min(text.count, at + Int.random(in: 1..<80, using: &random)))
                }
            }
            _ = refusal(String(text))
        }
    }

    @Test func `lines that stand twice are told, both of them`() {
        for (index, line) in Self.lines.enumerated() {
            guard let parts = Self.parts(line), !parts.after.isEmpty, !parts.before.contains("-") else { continue }
            var damaged = Self.lines
            damaged.insert(line, at: index + 1)
            let error = refusal(damaged.joined(separator: "\n"))
            let message = "the key \"\(parts.key)\" stands a second time; the first is on line \(index + 1)"
            #expect(error?.problems.count == 1)
            #expect(error?.problems.first?.message == message)
            #expect(error?.problems.first?.place?.line == index + 2)
        }
    }

    @Test func `aliases that multiply are stopped`() {
        var text = "cluster: c\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
        for level in 1...9 {
            let all = Array(repeating: "*x\(level - 1)", count: 10).joined(separator: ", ")
            text += "x\(level): &x\(level) [\(all)]\n"
        }
        let error = refusal(text)
        #expect(error?.description.contains("more than 100000 values") ?? false)
    }
}
