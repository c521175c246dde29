/// One number that a scenario measures.
struct Figure: Hashable, Sendable {
    /// Which way is good.
    enum Better: Sendable {
        case lower, higher
        /// A fact about the run, of which no ratios are told.
        case neither
    }

    /// Its name in JSON: `p50_ms`.
    let name: String
    /// What it is called in tables.
    let title: String
    let unit: String
    let decimals: Int
    let better: Better

    init(_ name: String, _ title: String, _ unit: String, decimals: Int, _ better: Better) {
        self.name = name
        self.title = title
        self.unit = unit
        self.decimals = decimals
        self.better = better
    }

    /// A value as it stands in a table, with thousands set apart.
    func text(_ value: Double) -> String { NumberText.fixed(value, decimals: decimals) }
}

/// Numbers for people.
enum NumberText {
    /// A number with so many decimals, and a comma between thousands: `12,345.6`.
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value * scale).rounded()
        guard abs(scaled) < 1e15 else { return "\(value)" }
        let digits = String(Int(abs(scaled)))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let whole = grouped(String(padded.dropLast(decimals)))
        let sign = scaled < 0 ? "-" : ""
        return decimals == 0 ? sign + whole : "\(sign)\(whole).\(padded.suffix(decimals))"
    }

    private static func grouped(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
