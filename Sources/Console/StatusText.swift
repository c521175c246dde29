import Model
public import Replication

/// Status as text for people.
public enum StatusText {
    /// The nodes, then the streams, each problem with its remedy below it.
    public static func render(_ report: StatusReport) -> String {
        var lines = ["cluster \(report.cluster)", ""]
        let nodes = report.nodes.map { node in
            [
                node.name, node.reachable ? "reachable" : "UNREACHABLE", node.version.map { "Postgres \($0)" } ?? "",
                node.fenced == true ? "read-only" : "",
                node.deltaBytes.map { $0 > 0 ? "\($0 / 1024) kB of deltas" : "" } ?? "",
                oldest(node),
            ]
        }
        lines += TextColumns.lines([["NODE", "", "", "", "", ""]] + nodes)
        if let active = report.site.active {
            lines.append("")
            lines.append("  the site is at \(active): \(report.site.state), epoch \(report.site.epoch)")
        }
        lines += report.nodes.compactMap { node in node.error.map { "  \(node.name): \($0)" } }
        lines.append("")
        let streams = report.syncs.flatMap { sync in
            sync.streams.map { stream in
                [
                    sync.name, "\(stream.from) → \(stream.to)", stream.state,
                    stream.lagSeconds.map(seconds) ?? "unknown",
                    stream.pendingRows.map { (stream.pendingIsEstimate ? "about " : "") + String($0) } ?? "unknown",
                    stream.lastAppliedAt ?? "never",
                ]
            }
        }
        lines += TextColumns.lines([["SYNC", "STREAM", "STATE", "LAG", "PENDING ROWS", "LAST APPLIED"]] + streams)
        for sync in report.syncs {
            for clock in sync.clocks { lines += ["  \(sync.name): \(clock.message)", "    → \(ClockSkew.remedy)"] }
            for stream in sync.streams { lines += notes(sync.name, stream) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func notes(_ sync: String, _ stream: StatusReport.Stream) -> [String] {
        var lines: [String] = []
        let head = "  \(sync) \(stream.from) → \(stream.to): "
        if let error = stream.error { lines.append(head + error) }
        if let hint = stream.hint { lines.append("    → \(hint)") }
        if let kept = stream.kept {
            let rows = kept.rows.map { "\($0) rows" } ?? "rows"
            lines.append(
                head
                    + "\(stream.to) has been away since \(kept.since); \(stream.from) keeps \(rows), \(kept.bytes / 1024) kB for it"
            )
        }
        if let copy = stream.copy, stream.state == "copying" {
            lines.append(head + "copied \(copy.chunksDone) of \(copy.chunksTotal) chunks, \(copy.rows) rows")
        }
        if !stream.tablesNotCaptured.isEmpty {
            lines.append(head + "not captured yet: \(some(stream.tablesNotCaptured))")
            lines.append("    → run \"switchback schema install\", and then \"switchback copy \(sync)\"")
        }
        if stream.state != "not copied", stream.state != "copying", !stream.tablesNotCopied.isEmpty {
            lines.append(head + "not copied yet: \(some(stream.tablesNotCopied))")
            lines.append("    → run \"switchback copy \(sync)\"")
        }
        return lines
    }

    private static func some(_ names: [String]) -> String {
        names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }

    /// A transaction that has been open for long: what it writes is not there to be carried before it commits.
    private static func oldest(_ node: StatusReport.Node) -> String {
        guard let seconds = node.oldestTransactionSeconds, seconds >= 60 else { return "" }
        return "a transaction open for \(seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h")"
    }

    private static func seconds(_ value: Double) -> String {
        value < 10 ? "\((value * 1000).rounded() / 1000) s" : "\(Int(value)) s"
    }
}
