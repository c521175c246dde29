import Glibc
public import Settings

/// One of the two trees of a job, and how it is reached from here.
public struct TreeEnd: Sendable {
    enum Access: Sendable {
        case local
        /// A remote shell: the program and its options, and where it is to go.
        case shell([String], target: String)
        /// An rsync daemon: `rsync://user@host/module/path`, and its password.
        case daemon(url: String, password: Secret?)
    }

    public let site: String
    let job: String
    /// From the top, with a slash at its end; empty for a daemon, whose address has it.
    public let path: String
    let access: Access

    public var isLocal: Bool {
        if case .local = access { return true }
        return false
    }

    /// Sees how a site's tree is reached.
    ///
    /// - Parameter isHere: whether the site is the one that this engine runs at.
    public init(_ settings: FilesSettings, site: SiteSettings, isHere: Bool) {
        self.site = site.name
        job = settings.name
        let reach = settings.reach[site.name]
        let written = reach?.path ?? settings.path
        let path = written.hasSuffix("/") ? written : written + "/"
        if isHere || reach?.local == true {
            (access, self.path) = (.local, path)
        } else if let daemon = reach?.daemon {
            let rest = daemon.dropFirst("rsync://".count)
            let user = reach?.user.map { $0 + "@" } ?? ""
            access = .daemon(url: "rsync://\(user)\(rest)\(rest.hasSuffix("/") ? "" : "/")", password: reach?.password)
            self.path = ""
        } else {
            let host = reach?.host ?? "\(site.address)"
            let user = reach?.user.map { $0 + "@" } ?? ""
            // A shell that asks for a password or a host key would wait for ever.
            let shell = reach?.shell ?? ["ssh", "-o", "BatchMode=yes"]
            (access, self.path) = (.shell(shell, target: user + host), path)
        }
    }

    /// A tree on this machine.
    init(local path: String, site: String, job: String) {
        self.site = site
        self.job = job
        self.path = path.hasSuffix("/") ? path : path + "/"
        access = .local
    }

    /// The tree, or a place in it, as an argument of rsync.
    func argument(_ below: String = "") -> String {
        switch access {
        case .local: path + below
        case .shell(_, let target):
            // An address with colons would be taken for a host and a path.
            Self.bracketed(target) + ":" + path + below
        case .daemon(let url, _): url + below
        }
    }

    private static func bracketed(_ target: String) -> String {
        let parts = target.split(separator: "@", maxSplits: 1)
        guard let host = parts.last, host.contains(":"), !host.hasPrefix("[") else { return target }
        return (parts.count == 2 ? parts[0] + "@" : "") + "[\(host)]"
    }

    /// What rsync needs to be told to get there.
    var rsyncOptions: [String] {
        guard case .shell(let command, _) = access else { return [] }
        // rsync takes the words apart at spaces that stand outside of quotes; a quote is doubled.
        let words = command.map { word in
            word.contains(where: { " '\"".contains($0) }) ? "'" + word.replacing("'", with: "''") + "'" : word
        }
        // An rsync before 3.2.4 leaves paths to the shell at the other end, which would take blanks and quotes in them for its own. Not
        // asked for without need: a command that only lets rsync in, such as rrsync, may refuse it.
        let protection = isPlainForShells ? [] : ["--protect-args"]
        return protection + ["--rsh=\(words.joined(separator: " "))"]
    }

    /// A text as one word for a shell.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// Whether a shell takes the paths of this end for nothing but words.
    private var isPlainForShells: Bool {
        (path + job).utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "/._-+,:@=".utf8.contains(byte)
            }
        }
    }

    var environment: [String: String?] {
        guard case .daemon(_, let password?) = access else { return [:] }
        return ["RSYNC_PASSWORD": password.value]
    }

    /// The tree as errors name it; never with a password.
    public var shown: String { "\(site) (\(argument()))" }
}

/// Which site this machine is.
public enum LocalSite {
    /// Whether an address is one of this machine's.
    public static func isHere(_ address: IPAddress) -> Bool { addresses().contains("\(address)") }

    private static func addresses() -> Set<String> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var all: Set<String> = []
        var next = list
        while let entry = next {
            if let text = text(entry.pointee.ifa_addr) { all.insert(text) }
            next = entry.pointee.ifa_next
        }
        return all
    }

    private static func text(_ address: UnsafeMutablePointer<sockaddr>?) -> String? {
        guard let address else { return nil }
        let family = Int32(address.pointee.sa_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        guard getnameinfo(address, socklen_t(size), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
        else {
            return nil
        }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return IPAddress(String(text.prefix { $0 != "%" })).map { "\($0)" }
    }
}
