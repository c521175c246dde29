import Foundation
import Glibc
import Programs
import Synchronization
import TestSupport
import Testing

/// A web server of a process of its own at an address, with one page: nginx, or a small one where that is not installed.
final class WebSite: Sendable {
    let address: String
    let port: Int
    let folder: String
    private let process = Mutex<StartedProgram?>(nil)

    /// One process, which is gone when it is killed.
    private var nginx: String {
        """
        daemon off;
        master_process off;
        pid \(folder)/pid;
        events { worker_connections 128; }
        http {
          access_log off;
          client_body_temp_path \(folder)/body;
          proxy_temp_path \(folder)/proxy;
          fastcgi_temp_path \(folder)/fastcgi;
          uwsgi_temp_path \(folder)/uwsgi;
          scgi_temp_path \(folder)/scgi;
          server { listen \(address):\(port); server_name _; default_type text/html; root \(folder); }
        }

        """
    }

    private func command() throws -> [String] {
        guard let program = Tool.nginx else { return ["python3", "-c", Self.script, address, "\(port)"] }
        try nginx.write(toFile: folder + "/nginx.conf", atomically: false, encoding: .utf8)
        return [program, "-e", "stderr", "-p", folder, "-c", folder + "/nginx.conf"]
    }

    private static let script = """
        import http.server, os, sys
        open("pid", "w").write(str(os.getpid()))
        http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), http.server.SimpleHTTPRequestHandler).serve_forever()
        """

    init(address: String, port: Int, folder: String) {
        (self.address, self.port, self.folder) = (address, port, folder)
    }

    /// Starts it and waits until it answers.
    func start(text: String) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try (text + "\n").write(toFile: folder + "/index.html", atomically: false, encoding: .utf8)
        let started = try await ExternalProgram(
            ["/bin/sh", "-c", NameServer.guardian, "guardian", "\(getpid())"] + command(), folder: folder
        ).start()
        process.withLock { $0 = started }
        let url = "http://\(address):\(port)/"
        let isUp = try await eventually(within: .seconds(20)) {
            try await ExternalProgram(["curl", "-sf", "--max-time", "2", url]).run(limit: .seconds(5)).ending
                == .exited(0)
        }
        try #require(isUp, "no web server at \(url): \(started.errorsSoFar)")
    }

    /// As a crash would: no farewell.
    func kill9() throws {
        let text = try String(contentsOfFile: folder + "/pid", encoding: .utf8)
        kill(try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
    }

    func stop() async {
        let started = process.withLock { process in
            defer { process = nil }
            return process
        }
        await started?.stop()
    }
}
