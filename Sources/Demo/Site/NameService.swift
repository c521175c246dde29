import DNSWire
import Foundation
import LocalCluster
import Model
import Programs

/// The name of the demo's site, and who serves it: BIND where it is installed, and otherwise a file, changed by a program
/// and served by a few lines of the demo's own.
struct NameService: Sendable {
    /// What it is, for the one who watches.
    let title: String
    let address: ServerAddress
    /// How Switchback is told to change its records: the value of `dns.provider`.
    let provider: String
    private let end: @Sendable () async -> Void

    static let zone = "demo.test"
    static let name = "www.demo.test"
    static let ttlSeconds = 1
    private static let patience = Duration.seconds(5)

    /// Starts one, with the name leading to an address.
    ///
    /// - Parameters:
    ///   - place: a folder in which a name server gets one of its own. BIND gives up the right to read what belongs to others,
    ///     so this must not be a cluster's.
    ///   - cluster: a folder that is removed however this process ends.
    ///   - usesBind: whether BIND is tried where it is installed.
    static func start(
        in place: String, within cluster: String, leadingTo first: String, usesBind: Bool = true
    ) async throws -> NameService {
        if usesBind, let bind = try await bind(in: place + "/names", first) { return bind }
        return try file(in: cluster + "/names", first)
    }

    func stop() async { await end() }

    /// Where the name leads just now, by the server itself.
    ///
    /// - Throws: `DNSClientError`.
    func lookUp() async throws -> String? {
        guard let name = DNSName(Self.name), let zone = DNSName(Self.zone) else { return nil }
        let answer = try await DNSClient(limit: .seconds(2)).ask(name, .a, at: address)
        guard case .found(let set) = DNSAnswer(answer, of: .init(name, .a), in: zone) else { return nil }
        return set.values.first
    }

    /// The folder belongs to whoever the one around it belongs to, so that it can be removed together with that.
    private static func makeFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let around = (folder as NSString).deletingLastPathComponent
            let owner = try FileManager.default.attributesOfItem(atPath: around)
            let keys: [FileAttributeKey] = [.ownerAccountID, .groupOwnerAccountID]
            let own = owner.filter { keys.contains($0.key) }
            if geteuid() == 0 { try FileManager.default.setAttributes(own, ofItemAtPath: folder) }
        } catch { throw DemoError("could not make \(folder): \(error.localizedDescription)") }
    }

    private static func write(_ text: String, _ path: String, mode: Int = 0o644) throws {
        do {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        } catch { throw DemoError("could not write \(path): \(error.localizedDescription)") }
    }

    // MARK: BIND

    /// Nil where it is not installed, or does not serve: some systems let it read its own folders only.
    private static func bind(in folder: String, _ first: String) async throws -> NameService? {
        let places = ["/usr/sbin/named", "/usr/local/sbin/named", "/usr/bin/named", "/sbin/named"]
        guard let program = places.first(where: FileManager.default.isExecutableFile) else { return nil }
        try makeFolder(folder)
        let address = try freeAddress()
        let secret = Data((0..<24).map { _ in UInt8.random(in: 0 ... .max) }).base64EncodedString()
        try write(zoneFile(first), folder + "/zone")
        try write("hmac-sha256:switchback.:\(secret)\n", folder + "/key", mode: 0o600)
        try write(bindConfiguration(folder, address, secret), folder + "/named.conf", mode: 0o600)
        guard
            let process = try? await ExternalProgram(
                ["/bin/sh", "-c", guardian, "guardian", "\(getpid())", folder, program, "-g", "-n", "1", "-c"]
                    + [folder + "/named.conf"]
            ).start()
        else {
            try? FileManager.default.removeItem(atPath: folder)
            return nil
        }
        let service = NameService(
            title: await version(of: program), address: address,
            provider: "{ rfc2136: { server: \"\(address)\", zone: \(zone), key: \"file:\(folder)/key\" } }",
            end: {
                await process.stop()
                try? FileManager.default.removeItem(atPath: folder)
            })
        do {
            if try await service.serves() { return service }
        } catch {
            await service.stop()
            throw error
        }
        await service.stop()
        return nil
    }

    private func serves() async throws -> Bool {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if let found = try? await lookUp(), !found.isEmpty { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    private static func freeAddress() throws -> ServerAddress {
        // Where nobody listens for connections hardly anybody listens for datagrams.
        ServerAddress(host: "127.0.0.1", port: UInt16(try FreePort.find()))
    }

    private static func version(of program: String) async -> String {
        let said = try? await ExternalProgram([program, "-v"]).run(limit: .seconds(5)).output
        return (said ?? "").split(separator: " ").prefix(2).joined(separator: " ")
    }

    private static func zoneFile(_ first: String) -> String {
        """
        $ORIGIN \(zone).
        $TTL 3600
        @ IN SOA ns1 hostmaster 1 3600 600 604800 60
        @ IN NS ns1
        ns1 IN A 127.0.0.1
        www \(ttlSeconds) IN A \(first)

        """
    }

    private static func bindConfiguration(_ folder: String, _ address: ServerAddress, _ secret: String) -> String {
        """
        options { directory "\(folder)"; listen-on port \(address.port) { 127.0.0.1; }; listen-on-v6 { none; };
          recursion no; notify no; dnssec-validation no; pid-file none; session-keyfile "\(folder)/session.key";
          managed-keys-directory "\(folder)"; };
        controls { };
        key "switchback." { algorithm hmac-sha256; secret "\(secret)"; };
        zone "\(zone)" { type primary; file "zone"; update-policy { grant switchback. name \(name). A; }; };

        """
    }

    /// The shell stays above the server, and ends it when this process is gone; then it removes the server's folder, and
    /// the one around it if nothing else is in there.
    private static let guardian = """
        owner=$1; folder=$2; shift 2
        "$@" & child=$!
        end() { kill $child 2>/dev/null; wait $child; rm -rf "$folder"; rmdir "${folder%/*}" 2>/dev/null; exit 0; }
        trap end TERM INT HUP
        while kill -0 $owner 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 0.5 & wait $!; done
        end
        """

    // MARK: A file

    private static func file(in folder: String, _ first: String) throws -> NameService {
        guard let name = DNSName(name) else { throw DemoError("\(name) is no name") }
        try makeFolder(folder)
        let file = folder + "/address"
        try write(first + "\n", file)
        try write(program, folder + "/names", mode: 0o755)
        let server = try ZoneFileServer(file: file, name: name, ttlSeconds: ttlSeconds)
        return NameService(
            title: "the file \(file)", address: server.address,
            provider: "{ exec: { command: [/bin/sh, \"\(folder)/names\", \"\(file)\"], zone: \(zone) } }",
            end: { server.stop() })
    }

    /// What Switchback runs to show and to change the record, as Docs/DNS.md describes it. Its zone has one record set, so
    /// that a shell can read what it is told.
    private static let program = #"""
        #!/bin/sh
        # Shows and changes the address of one name. Reads a JSON document, writes one.
        file=$1
        request=$(cat)
        now=$(cat "$file")
        value() { printf '%s' "$request" | sed -n 's/.*"'"$1"'":{[^}]*"values":\["\([0-9.]*\)"\].*/\1/p'; }
        case $request in
        *'"action":"show"'*)
            printf '{"records":[{"name":"www.demo.test","type":"A","ttl":1,"values":["%s"]}]}\n' "$now" ;;
        *)
            if [ "$(value before)" != "$now" ]; then
                printf '{"error":{"kind":"stale","message":"the name leads to %s"}}\n' "$now"
            else
                value after > "$file.new" && mv "$file.new" "$file" && echo '{"done":true}'
            fi ;;
        esac
        """#
}
