/// Everything that is wrong with a configuration, each with its place and its remedy. No secret is in it.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where something stands in a file; both count from one.
    public struct Place: Sendable, Hashable, Comparable {
        public let line: Int
        /// In Unicode scalars, which is what editors show.
        public let column: Int

        public static func < (left: Place, right: Place) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable {
        /// Nil when it is about the file as a whole.
        public let place: Place?
        public let message: String
        /// What to do about it.
        public let remedy: String
    }

    /// The file as it was named; nil when none was found.
    public let file: String?
    /// In the order of the file; at least one.
    public let problems: [Problem]

    init(file: String?, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    init(file: String?, _ message: String, remedy: String, at place: Place? = nil) {
        self.init(file: file, problems: [Problem(place: place, message: message, remedy: remedy)])
    }

    public var description: String {
        let texts = problems.map { problem in
            var start = file.map { $0 + ":" } ?? ""
            if let place = problem.place, file != nil { start += "\(place.line):\(place.column):" }
            return "\(start)\(start.isEmpty ? "" : " ")\(problem.message)\n  hint: \(problem.remedy)"
        }
        let count = texts.count == 1 ? "" : "the configuration has \(texts.count) errors\n"
        return count + texts.joined(separator: "\n")
    }
}
