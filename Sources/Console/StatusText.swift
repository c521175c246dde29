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
            ]
        }
        lines += columns([["NODE", "", "", "", ""]] + nodes)
        lines += report.nodes.compactMap { node in node.error.map { "  \(node.name): \($0)" } }
        lines.append("")
        let streams = report.syncs.flatMap { sync in
            sync.streams.map { stream in
                [
                    sync.name, "\(stream.from) → \(stream.to)", stream.state,
                    stream.lagSeconds.map(seconds) ?? "unknown",
                    stream.pendingRows.map(String.init) ?? "unknown", stream.lastAppliedAt ?? "never",
                ]
            }
        }
        lines += columns([["SYNC", "STREAM", "STATE", "LAG", "PENDING ROWS", "LAST APPLIED"]] + streams)
        for sync in report.syncs {
            for stream in sync.streams { lines += notes(sync.name, stream) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func notes(_ sync: String, _ stream: StatusReport.Stream) -> [String] {
        var lines: [String] = []
        let head = "  \(sync) \(stream.from) → \(stream.to): "
        if let error = stream.error { lines.append(head + error) }
        if let hint = stream.hint { lines.append("    → \(hint)") }
        if let copy = stream.copy, stream.state == "copying" {
            lines.append(head + "copied \(copy.chunksDone) of \(copy.chunksTotal) chunks, \(copy.rows) rows")
        }
        if stream.state != "not copied", stream.state != "copying", !stream.tablesNotCopied.isEmpty {
            let names = stream.tablesNotCopied.prefix(3).joined(separator: ", ")
            let more = stream.tablesNotCopied.count > 3 ? " and \(stream.tablesNotCopied.count - 3) more" : ""
            lines.append(head + "not copied yet: \(names)\(more)")
            lines.append("    → run \"switchback copy \(sync)\"")
        }
        return lines
    }

    private static func seconds(_ value: Double) -> String {
        value < 10 ? "\((value * 1000).rounded() / 1000) s" : "\(Int(value)) s"
    }

    /// Lines up cells, two spaces apart; the last column is not padded.
    private static func columns(_ rows: [[String]]) -> [String] {
        guard let first = rows.first else { return [] }
        let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = "  "
            for (column, cell) in row.enumerated() {
                line += cell + String(repeating: " ", count: max(0, widths[column] - cell.count) + 2)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
