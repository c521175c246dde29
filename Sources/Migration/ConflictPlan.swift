import Model

/// Which rule a strategy of Bucardo's becomes.
struct ConflictPlan: Sendable, Equatable {
    let rule: ConflictRule
    /// What is good to know of a rule that was carried over.
    var comment: String?
    /// What was not: what the strategy was, and what to do instead.
    var note: Note?

    /// - Parameters:
    ///   - strategy: as Bucardo has it: one of its own, or names of databases.
    ///   - sources: the sync's sources: what Bucardo calls each, and its name in the configuration.
    init(_ strategy: String, sources: [(original: String, name: String)]) {
        let names = sources.map(\.name)
        switch strategy {
        case "bucardo_latest":
            rule = .latest
            comment = "bucardo_latest chose one database for all conflicts of a table; latest looks at each row."
        case "bucardo_latest_all_tables":
            rule = .latest
            comment = "bucardo_latest_all_tables chose one database for all conflicts; latest looks at each row."
        case "bucardo_source":
            rule = .prefer(names)
            comment = "bucardo_source, which Bucardo 5 stops at, meant that the source wins."
        case "bucardo_target":
            rule = .prefer(names.reversed())
            comment = "bucardo_target, which Bucardo 5 stops at, meant that the other one wins."
        case "bucardo_skip", "bucardo_abort", "bucardo_custom":
            rule = .hold
            note = Self.undecided(strategy)
        case "bucardo_random":
            rule = .latest
            note = Note(
                "bucardo_random let chance decide",
                instead: "latest decides here; choose another rule if the later change is not it")
        case _ where strategy.hasPrefix("bucardo_"):
            rule = .latest
            note = Note(
                "the strategy \(strategy)", instead: "latest decides here; choose the rule that does what it did")
        default:
            (rule, comment, note) = Self.listed(strategy, sources)
        }
    }

    /// Strategies that left a conflict to somebody else: the nearest is to leave it to a person.
    private static func undecided(_ strategy: String) -> Note {
        let hold = "hold keeps the local row, remembers the conflict for a person, and lets everything else flow"
        return switch strategy {
        case "bucardo_skip": Note("bucardo_skip left the rows different", instead: hold)
        case "bucardo_abort": Note("bucardo_abort stopped the sync at a conflict", instead: hold)
        default:
            Note(
                "bucardo_custom had Perl code decide",
                instead: "write the decision as a SQL function and name it here: function: public.settle. Until then "
                    + hold)
        }
    }

    /// Names of databases, the best first, with spaces or commas between.
    private static func listed(
        _ strategy: String, _ sources: [(original: String, name: String)]
    ) -> (ConflictRule, String?, Note?) {
        let words = strategy.split { $0 == "," || $0.isWhitespace }.map(String.init)
        var chosen: [String] = []
        for word in words {
            guard let source = sources.first(where: { $0.original == word }) else { continue }
            if !chosen.contains(source.name) { chosen.append(source.name) }
        }
        let strangers = words.filter { word in !sources.contains { $0.original == word } }
        let others = sources.map(\.name).filter { !chosen.contains($0) }
        let note = Note(
            "the strategy \"\(strategy)\" names what is no source here: \(strangers.joined(separator: ", "))",
            instead: chosen.isEmpty ? "latest decides here; choose a rule" : "the other databases decide in their order"
        )
        guard !chosen.isEmpty else { return (.latest, nil, note) }
        let comment = others.isEmpty ? nil : "Bucardo's list ended before \(others.joined(separator: ", "))."
        return (.prefer(chosen + others), comment, strangers.isEmpty ? nil : note)
    }
}
