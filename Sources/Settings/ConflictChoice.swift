import Model

/// The conflict rule that a sync or an override chooses.
///
/// A rule that needs nothing else is a word under `conflict`. One that does is a key of its own, beside `conflict` or
/// below it: `prefer: [raleigh]` and `conflict: { prefer: [raleigh] }` are the same. Counters are no rule of their own, for
/// the other columns of the table need one as well.
struct ConflictChoice {
    var rule: ConflictRule?
    var counters: [String] = []

    private static let words: [(String, ConflictRule)] = [
        ("latest", .latest), ("earliest", .earliest), ("merge", .merge), ("hold", .hold),
    ]

    /// - Parameter nodes: the sync's, for `prefer`; nil when they could not be read, which was reported.
    static func read(_ section: Section, nodes: [String]?) -> ConflictChoice {
        var choice = ConflictChoice()
        var chosen: Value?
        func choose(_ value: Value, _ rule: ConflictRule?) {
            if let chosen {
                value.report(
                    "is a second rule beside \(chosen.path)",
                    remedy: "keep one of the two; only counters go with another rule")
            }
            chosen = chosen ?? value
            choice.rule = choice.rule ?? rule
        }
        func readRules(of section: Section, hasCounters: Bool) {
            if let value = section["prefer"] { choose(value, prefer(value, nodes)) }
            if let value = section["largest"] { choose(value, value.text().map { .largest($0) }) }
            if let value = section["smallest"] { choose(value, value.text().map { .smallest($0) }) }
            if let value = section["function"] { choose(value, value.text().map { .function($0) }) }
            if hasCounters, let value = section["counters"] {
                if !choice.counters.isEmpty { value.report("stands twice", remedy: "keep one of the two") }
                choice.counters = value.texts() ?? []
            }
        }
        let isOverride = section.keys.names.contains("counters")
        if let conflict = section["conflict"] {
            if conflict.tree.entries == nil {
                choose(conflict, word(conflict))
            } else if let rule = conflict.section(.rule) {
                if conflict.isEmptyMapping { conflict.report("is empty", remedy: "write it like conflict: latest") }
                if !isOverride, let counters = rule["counters"] {
                    counters.report(
                        "are columns of one table",
                        remedy: "put them under overrides: public.item: { counters: [total] }")
                }
                readRules(of: rule, hasCounters: isOverride)
            }
        }
        readRules(of: section, hasCounters: isOverride)
        return choice
    }

    private static func word(_ value: Value) -> ConflictRule? {
        let taking = Keys.rule.names
        if let text = value.tree.text, taking.contains(text) {
            value.report(
                "cannot be \(text) alone", remedy: "write it like \(Keys.rule.example(of: text) ?? text)")
            return nil
        }
        let word = value.choice(among: words.map(\.0))
        return words.first { $0.0 == word }?.1
    }

    private static func prefer(_ value: Value, _ nodes: [String]?) -> ConflictRule? {
        guard let names = value.texts() else { return nil }
        guard let nodes else { return .prefer(names) }
        for element in value.list() ?? [] {
            if let name = element.text(), !nodes.contains(name) {
                element.report(
                    "names no node of this sync: \(element.shown)", remedy: Reading.suggestion(for: name, among: nodes))
            }
        }
        return .prefer(names)
    }
}
