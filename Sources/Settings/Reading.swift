/// One reading of a configuration: what its texts are expanded with, and what was found to be wrong so far.
final class Reading {
    let expansion: Expansion
    private(set) var problems: [SettingsError.Problem] = []

    init(expansion: Expansion) { self.expansion = expansion }

    func report(_ place: SettingsError.Place?, _ message: String, remedy: String) {
        problems.append(.init(place: place, message: message, remedy: remedy))
    }

    /// A text of the configuration as it may be shown. Somebody who puts a connection string in the wrong place is told so
    /// without having it repeated.
    static func shown(_ text: String) -> String {
        let isHarmless =
            text.count <= 70 && !text.contains("=") && !text.contains("://") && !text.contains("@")
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        return isHarmless ? "\"\(text)\"" : "\"…\""
    }

    /// A remedy for something that is misspelt.
    static func suggestion(for text: String, among known: [String]) -> String {
        let all = "known here: " + known.joined(separator: ", ")
        guard let nearest = Nearest.to(text, among: known) else { return "nothing is known here" }
        return Nearest.isAlike(text, nearest) ? "did you mean \(nearest)? \(all)" : "the nearest is \(nearest); \(all)"
    }
}
