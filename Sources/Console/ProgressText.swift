public import Replication

/// Numbers, durations and progress as people read them.
public enum ProgressText {
    /// A bar, the rows, the rate and the time left.
    public static func line(_ progress: CopyProgress) -> String {
        let rate = "\(count(Int(progress.rowsPerSecond))) rows/s, \(bytes(Int(progress.bytesPerSecond)))/s"
        let left = progress.remaining.map { $0 < .seconds(1) ? "" : ", \(duration($0)) left" } ?? ""
        return
            "\(bar(progress.fraction)) \(Int(progress.fraction * 100)) %, \(progress.tablesDone)/\(progress.tables) tables, \(count(progress.rows)) rows, \(rate)\(left)"
    }

    /// A bar that is filled from 0 to 1.
    public static func bar(_ fraction: Double, width: Int = 24) -> String {
        let filled = Int(max(0, min(1, fraction)) * Double(width))
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }

    /// The last values as columns of eight heights, the largest as high as can be.
    public static func columns(_ values: [Double], width: Int = 24) -> String {
        let heights = Array("▁▂▃▄▅▆▇█")
        let shown = values.suffix(width)
        guard let most = shown.max(), most > 0 else { return String(repeating: heights[0], count: shown.count) }
        return String(shown.map { heights[min(7, Int(max(0, $0) / most * 7.99))] })
    }

    /// A number with its thousands apart.
    public static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }

    /// A number of things: `1 table`, `2,000 tables`.
    public static func count(_ number: Int, _ thing: String) -> String {
        "\(count(number)) \(thing)\(number == 1 ? "" : "s")"
    }

    /// A duration in the unit that suits it.
    public static func duration(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        if seconds < 1 { return "\(Int(seconds * 1000)) ms" }
        if seconds < 10 { return "\(Double(Int(seconds * 10)) / 10) s" }
        if seconds < 120 { return "\(Int(seconds)) s" }
        if seconds < 7200 { return "\(Int(seconds / 60)) min" }
        return "\(Int(seconds / 3600)) h"
    }

    /// A size in bytes.
    public static func bytes(_ bytes: Int) -> String {
        if bytes < 10_000 { return "\(bytes) B" }
        if bytes < 10_000_000 { return "\(bytes / 1000) kB" }
        if bytes < 10_000_000_000 { return "\(bytes / 1_000_000) MB" }
        return "\(bytes / 1_000_000_000) GB"
    }
}
