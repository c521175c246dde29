/// What /proc says of processes.
enum Processes {
    /// The direct children of a process.
    static func children(of parent: Int32) -> [Int32] {
        Files.names(in: "/proc").compactMap { Int32($0) }.filter { self.parent(of: $0) == parent }
    }

    /// The parent of a process; nil when there is no such process.
    static func parent(of processID: Int32) -> Int32? {
        // "12 (any name) S 1 …": the name can hold spaces and parentheses.
        guard let line = Files.tail(of: "/proc/\(processID)/stat", bytesMax: 4096) else { return nil }
        guard let nameEnd = line.lastIndex(of: ")") else { return nil }
        let fields = line[nameEnd...].split(separator: " ")
        return fields.count > 2 ? Int32(fields[2]) : nil
    }
}
