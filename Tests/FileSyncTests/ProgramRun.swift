import Programs

/// A program of the system, run to its end.
struct ProgramRun {
    let words: [String]

    init(_ words: [String]) { self.words = words }

    func status() async -> Int32 {
        (try? await ExternalProgram(words).run(limit: .seconds(60)).ending.status) ?? -1
    }

    func output() async -> String { (try? await ExternalProgram(words).run(limit: .seconds(60)).output) ?? "" }
}
