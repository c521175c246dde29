import Replication

/// Numbers, durations and progress as people read them.
enum ProgressText {
    /// A bar, the rows, the rate and the time left.
    static func line(_ progress: CopyProgress) -> String {
        let width = 24
        let filled = Int(progress.fraction * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let rate = "\(count(Int(progress.rowsPerSecond))) rows/s, \(bytes(Int(progress.bytesPerSecond)))/s"
        let left = progress.remaining.map { ", \(duration($0)) left" } ?? ""
        return
            "\(bar) \(Int(progress.fraction * 100)) %, \(progress.tablesDone)/\(progress.tables) tables, \(count(progress.rows)) rows, \(rate)\(left)"
    }

    /// A number with its thousands apart.
    static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }

    /// A duration in the unit that suits it.
    static func duration(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        if seconds < 1 { return "\(Int(seconds * 1000)) ms" }
        if seconds < 10 { return "\(Double(Int(seconds * 10)) / 10) s" }
        if seconds < 120 { return "\(Int(seconds)) s" }
        if seconds < 7200 { return "\(Int(seconds / 60)) min" }
        return "\(Int(seconds / 3600)) h"
    }

    /// A size in bytes.
    static func bytes(_ bytes: Int) -> String {
        if bytes < 10_000 { return "\(bytes) B" }
        if bytes < 10_000_000 { return "\(bytes / 1000) kB" }
        if bytes < 10_000_000_000 { return "\(bytes / 1_000_000) MB" }
        return "\(bytes / 1_000_000_000) GB"
    }
}
