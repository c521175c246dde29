/// A Postgres snapshot, as `pg_current_snapshot()` prints it: `xmin:xmax:xip,xip`.
///
/// Everything below `xmax` that is not in `inProgress` had ended when the snapshot was taken. The identifiers are
/// 64-bit (`xid8`), so they never wrap. Subtransactions do not appear, only their top-level transactions.
public struct Snapshot: Hashable, Sendable, CustomStringConvertible {
    /// The lowest transaction that was still running; all below it had ended.
    public let xmin: UInt64
    /// The first transaction that had not begun.
    public let xmax: UInt64
    /// Transactions between `xmin` and `xmax` that were running, ascending.
    public let inProgress: [UInt64]

    public init(xmin: UInt64, xmax: UInt64, inProgress: [UInt64] = []) {
        self.xmin = xmin
        self.xmax = xmax
        self.inProgress = inProgress
    }

    /// Reads Postgres' text form; nil when it is not one.
    public init?(_ text: some StringProtocol) {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3, let xmin = UInt64(fields[0]), let xmax = UInt64(fields[1]), xmin <= xmax else {
            return nil
        }
        var running: [UInt64] = []
        for field in fields[2].split(separator: ",") {
            guard let xid = UInt64(field), xid >= xmin, xid < xmax else { return nil }
            running.append(xid)
        }
        self.init(xmin: xmin, xmax: xmax, inProgress: running.sorted())
    }

    public var description: String {
        "\(xmin):\(xmax):" + inProgress.map(String.init).joined(separator: ",")
    }

    /// Whether a transaction had ended when the snapshot was taken.
    public func includes(_ xid: UInt64) -> Bool {
        if xid < xmin { return true }
        if xid >= xmax { return false }
        return !inProgress.contains(xid)
    }

    /// Whether no transaction with a number was running: as long as snapshots equal this one, nothing has been written.
    public var isStill: Bool { xmin == xmax }

    /// Whether everything that had ended at `earlier` had ended here too.
    ///
    /// Both must be of one database cluster.
    public func covers(_ earlier: Snapshot) -> Bool {
        guard xmax >= earlier.xmax else { return false }
        return inProgress.allSatisfy { !earlier.includes($0) }
    }
}
