/// Which file holds the configuration.
package enum SettingsFile {
    package static let name = "switchback.yaml"
    static let variable = "SWITCHBACK_CONFIG"
    package static let systemPath = "/etc/switchback/switchback.yaml"

    /// Its path and text.
    ///
    /// A file that was asked for must be there; the usual places are tried in turn. One that is there and cannot be read
    /// ends the search: another configuration than the one people look at would be used.
    ///
    /// - Parameters:
    ///   - path: the one on the command line.
    ///   - usual: the places that need not be named.
    package static func read(
        path: String?, environment: [String: String], usual: [String] = [name, systemPath]
    ) throws(SettingsError) -> (path: String, text: String) {
        if let path {
            if path.isEmpty {
                throw SettingsError(
                    file: nil, "--config names no file", remedy: "name one, or leave --config out")
            }
            return (path, try read(path, remedy: "name another file with --config, or write one: \(initial(path))"))
        }
        if let path = environment[variable], !path.isEmpty {
            let remedy = "$\(variable) names it: mend or unset the variable, or write the file: \(initial(path))"
            return (path, try read(path, remedy: remedy))
        }
        for path in usual {
            do { return (path, try TextFile.read(path)) } catch .isMissing { continue } catch {
                throw refused(path, error)
            }
        }
        let places = ["--config", "$\(variable)"] + usual
        throw SettingsError(
            file: nil, "there is no configuration: looked at \(places.joined(separator: ", "))",
            remedy: "\"switchback init\" writes a commented one to ./\(name)")
    }

    private static func read(_ path: String, remedy: String) throws(SettingsError) -> String {
        do { return try TextFile.read(path) } catch .isMissing {
            throw SettingsError(file: path, "there is no such file", remedy: remedy)
        } catch {
            throw refused(path, error)
        }
    }

    private static func initial(_ path: String) -> String { "switchback init --config \(path)" }

    private static func refused(_ path: String, _ failure: TextFile.Failure) -> SettingsError {
        switch failure {
        case .isNotUTF8(let place):
            SettingsError(
                file: path, "the file is not UTF-8: a byte here is no part of a character",
                remedy: "save it as UTF-8", at: place)
        case .isUTF16: SettingsError(file: path, "the file is UTF-16", remedy: "save it as UTF-8")
        case .isFolder:
            SettingsError(
                file: path, "it is a folder, where a file is needed", remedy: "name the file in it: \(path)/\(name)")
        case .isTooLarge, .isMissing:
            SettingsError(file: path, failure.message, remedy: "this is no configuration: name another file")
        case .cannotBeRead:
            SettingsError(
                file: path, failure.message,
                remedy: "let the user that runs switchback read it, or name another with --config")
        }
    }
}
