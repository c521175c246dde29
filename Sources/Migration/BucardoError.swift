/// Why a Bucardo's configuration could not be carried over. No password is in it.
public enum BucardoError: Error, Sendable, Equatable {
    /// The control database does not answer, or does not let us in.
    case unreachable(address: String, reason: String)
    /// There is no Bucardo in that database.
    ///
    /// - Parameter isReplicated: whether it is one that a Bucardo replicates.
    case noCatalogue(address: String, isReplicated: Bool)
    /// The catalogue is not that of a Bucardo 5.
    case otherVersion(String, missing: [String])
    /// The catalogue is there and could not be read.
    case unreadable(address: String, reason: String)
    /// No sync could be carried over, and a configuration without one says nothing.
    case nothingToCarry(reasons: [String])

    /// What went wrong.
    public var message: String {
        switch self {
        case .unreachable(let address, let reason): "cannot reach Bucardo's control database (\(address)): \(reason)"
        case .noCatalogue(let address, false): "there is no Bucardo in this database (\(address))"
        case .noCatalogue(let address, true):
            "this database (\(address)) is one that Bucardo replicates, and not its control database"
        case .otherVersion(let version, let missing):
            "the catalogue of Bucardo\(version.isEmpty ? "" : " \(version)") lacks what Bucardo 5 has: "
                + Self.list(missing)
        case .unreadable(let address, let reason): "Bucardo's catalogue (\(address)) cannot be read: \(reason)"
        case .nothingToCarry(let reasons):
            reasons.isEmpty
                ? "Bucardo's catalogue holds no sync"
                : "none of Bucardo's syncs can be carried over:" + reasons.map { "\n  " + $0 }.joined()
        }
    }

    /// What to do about it.
    public var hint: String {
        switch self {
        case .unreachable: "start the server, or mend the connection string, pg_hba.conf or the network between"
        case .noCatalogue(_, false):
            "name the control database, usually dbname=bucardo, where \"bucardo list syncs\" looks"
        case .noCatalogue(_, true): "name the control database, usually dbname=bucardo"
        case .otherVersion:
            "bring it to version 5 with \"bucardo upgrade\", or begin with a configuration of your own: \"switchback init\""
        case .unreadable: "connect as the role bucardo, or grant USAGE on the schema bucardo and SELECT on its tables"
        case .nothingToCarry:
            "make an active sync in Bucardo, or begin with a configuration of your own: \"switchback init\""
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
}
