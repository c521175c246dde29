import Glibc

/// The folder that everything of a demo lies in.
struct DemoPlace: Sendable {
    let folder: String
    private let parent: String

    /// What both clusters take at most.
    static let bytesNeeded = 800_000_000

    /// A folder that nobody else uses, below `TMPDIR` or /tmp. It is made with the first cluster in it.
    ///
    /// - Throws: `DemoError` when there is too little space.
    static func choose(environment: [String: String], needed: Int = bytesNeeded) throws -> DemoPlace {
        let given = environment["TMPDIR"] ?? ""
        let parent = given.isEmpty ? "/tmp" : given
        let place = DemoPlace(
            folder: "\(parent)/switchback-demo-\(String(UInt32.random(in: 0 ... .max), radix: 36))", parent: parent)
        var state = statvfs()
        guard statvfs(parent, &state) == 0 else {
            throw DemoError(
                "there is no folder \(parent) to put the clusters in: \(String(cString: strerror(errno)))",
                hint: "set TMPDIR to one, such as TMPDIR=/var/tmp")
        }
        let free = Int(state.f_bavail) * Int(state.f_frsize)
        guard free >= needed else { throw place.full(leftOver: free) }
        return place
    }

    /// The error that says that the disk is full.
    func full(leftOver: Int?) -> DemoError {
        let megabytes = Self.bytesNeeded / 1_000_000
        let free = leftOver.map { ": \($0 / 1_000_000) MB of \(megabytes) are free" } ?? ""
        return DemoError(
            "the disk that holds \(parent) is too full for two clusters\(free)",
            hint: "make room, or set TMPDIR to a folder with \(megabytes) MB to spare")
    }
}
