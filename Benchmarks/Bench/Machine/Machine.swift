import Foundation

/// The machine that a run was made on.
struct Machine: Codable, Equatable, Sendable {
    let processor: String
    let cores: Int
    let memoryMegabytes: Int
    let kernel: String
    let system: String
    /// The load average over a minute when the run began.
    let load: Double

    /// Whether something else was at work when the run began.
    var isBusy: Bool { load > 0.5 }

    var text: String {
        let memory = NumberText.fixed(Double(memoryMegabytes) / 1024, decimals: 0)
        return "\(processor), \(cores) cores, \(memory) GB of memory, Linux \(kernel), \(system)"
    }

    /// This machine, now.
    static func current() -> Machine {
        let read = { (path: String) in (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        return Machine(
            processor: value(of: "model name", in: read("/proc/cpuinfo")) ?? "unknown processor",
            cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            memoryMegabytes: megabytes(value(of: "MemTotal", in: read("/proc/meminfo"))),
            // What a builder of kernels adds to the version says nothing about the machine.
            kernel: String(
                read("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines).prefix { $0 != "-" }),
            system: systemName(read("/etc/os-release")),
            load: read("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0)
    }

    /// The first value of a `name : value` file.
    static func value(of name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name else { continue }
            return parts[1].trimmingCharacters(in: .whitespaces)
        }
        return nil
    }

    /// `16384 kB` as megabytes.
    static func megabytes(_ text: String?) -> Int {
        (text?.split(separator: " ").first.flatMap { Int($0) } ?? 0) / 1024
    }

    /// `PRETTY_NAME="…"` of `os-release`.
    static func systemName(_ text: String) -> String {
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { String($0.dropFirst("PRETTY_NAME=".count)).replacing("\"", with: "") } ?? "unknown system"
    }
}
