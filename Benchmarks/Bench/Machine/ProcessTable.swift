import Foundation

/// What /proc says of all processes at one moment.
struct ProcessTable: Sendable {
    struct Entry: Equatable, Sendable {
        let parent: Int32
        /// Processor time of the process and of those of its children that have ended, in seconds.
        let seconds: Double
    }

    let entries: [Int32: Entry]

    static func now() -> ProcessTable {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var entries: [Int32: Entry] = [:]
        for name in names {
            guard let pid = Int32(name), let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            else { continue }
            entries[pid] = entry(text, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))))
        }
        return ProcessTable(entries: entries)
    }

    /// Reads a line of /proc/PID/stat: `12 (any name) S 1 …`, where the name can hold spaces and parentheses.
    static func entry(_ line: String, ticksPerSecond: Double) -> Entry? {
        guard let nameEnd = line.lastIndex(of: ")") else { return nil }
        let fields = line[nameEnd...].split(separator: " ")
        // After the name: state, parent, …; user, system, children's user and children's system time are 12 to 15.
        guard fields.count > 15, let parent = Int32(fields[2]) else { return nil }
        let ticks = (12...15).compactMap { Double(fields[$0]) }.reduce(0, +)
        return Entry(parent: parent, seconds: ticks / ticksPerSecond)
    }

    /// Processes and all below them that live.
    func tree(_ roots: [Int32]) -> Set<Int32> {
        var children: [Int32: [Int32]] = [:]
        for (pid, entry) in entries { children[entry.parent, default: []].append(pid) }
        var found: Set<Int32> = []
        var next = roots.filter { entries[$0] != nil }
        while let pid = next.popLast() {
            if found.insert(pid).inserted { next += children[pid] ?? [] }
        }
        return found
    }

    /// The processor time of processes and all below them.
    func seconds(_ roots: [Int32]) -> Double { tree(roots).reduce(0) { $0 + (entries[$1]?.seconds ?? 0) } }
}

/// The most memory that processes have had resident.
enum PeakMemory {
    /// Begins counting anew, where the kernel lets us.
    static func reset(_ processes: some Sequence<Int32>) {
        for process in processes {
            guard let file = FileHandle(forWritingAtPath: "/proc/\(process)/clear_refs") else { continue }
            try? file.write(contentsOf: Data("5".utf8))
            try? file.close()
        }
    }

    /// The sum of each process's peak, in megabytes.
    static func megabytes(_ processes: some Sequence<Int32>) -> Double {
        processes.reduce(0) { sum, process in
            let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
            return sum + (kilobytes("VmHWM", in: text) ?? 0) / 1024
        }
    }

    static func kilobytes(_ name: String, in status: String) -> Double? {
        Machine.value(of: name, in: status)?.split(separator: " ").first.flatMap { Double($0) }
    }
}
