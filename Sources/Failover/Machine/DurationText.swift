extension Duration {
    /// For people: `1.3 s`, `30 s`, `2 min`, `250 ms`.
    public var text: String {
        let seconds = inSeconds
        if seconds > 0 && seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 10 && seconds.rounded() != seconds { return "\((seconds * 10).rounded() / 10) s" }
        if seconds < 120 || seconds.truncatingRemainder(dividingBy: 60) != 0 { return "\(Int(seconds.rounded())) s" }
        return "\(Int(seconds / 60)) min"
    }

    /// As a number of seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
