import Foundation
import Glibc

/// A remote shell to this machine, for a job's `shell`. It writes down what it is asked, a line each, in `asked` beside it.
enum RemoteShell {
    /// - Parameter first: what it does before it does what it is asked.
    /// - Returns: its path.
    static func make(in folder: String, first: String) throws -> String {
        let path = folder + "/shell"
        try """
        #!/bin/sh
        shift
        echo "$*" >> "\(folder)/asked"
        \(first)
        exec sh -c "$*"

        """.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o755)
        return path
    }
}
