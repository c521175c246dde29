/// A document as it was written: texts, lists and mappings, with their places. Keys keep their order.
struct Tree {
    struct Entry {
        let key: Tree
        let value: Tree
    }

    indirect enum Kind {
        /// Plain ones are without quotes: only of those can one be no value.
        case scalar(String, isPlain: Bool)
        case list([Tree])
        case mapping([Entry])
    }

    let kind: Kind
    let place: SettingsError.Place

    /// The text of a scalar as it was written.
    var text: String? {
        if case .scalar(let text, _) = kind { text } else { nil }
    }

    /// The entries of a mapping.
    var entries: [Entry]? {
        if case .mapping(let entries) = kind { entries } else { nil }
    }

    /// Whether there is only the place for a value: `key:`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = kind else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}
