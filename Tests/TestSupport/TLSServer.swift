import Foundation
import Programs

/// A web server with a certificate of its own making, by `openssl`.
public struct TLSServer: Sendable {
    public let port: Int
    /// The certificate, which signs itself: a PEM file.
    public let certificate: String
    private let server: StartedProgram

    /// Makes a certificate for a name and serves a page with it.
    public static func start(name: String) async throws -> TLSServer {
        let folder = try Program.folder()
        let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
        let made = try await ExternalProgram([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", key, "-out", certificate,
        ]).run(limit: .seconds(60))
        guard made.ending == .exited(0) else { throw ProgramError("openssl req: \(made.errors)") }
        let server = try await ExternalProgram([
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
        ]).start()
        guard let port = try await port(of: server) else {
            throw ProgramError("openssl s_server: \(server.errorsSoFar)")
        }
        return TLSServer(port: port, certificate: certificate, server: server)
    }

    public func stop() async { await server.stop() }

    private static func port(of server: StartedProgram) async throws -> Int? {
        var port: Int?
        _ = try await eventually {
            let line = server.outputSoFar.split(separator: "\n").first { $0.hasPrefix("ACCEPT 127.0.0.1:") }
            port = line.flatMap { Int($0.dropFirst("ACCEPT 127.0.0.1:".count)) }
            return port != nil
        }
        return port
    }
}
