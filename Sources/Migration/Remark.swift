/// Something of Bucardo's that Switchback does in another way, or not at all.
public struct Remark: Sendable, Hashable {
    /// Where it stands in the configuration: `nodes.durham`, `syncs.library.tables`; empty for what stands at the end.
    public let place: String
    /// What it was.
    public let was: String
    /// What to do instead.
    public let instead: String

    init(_ place: String, _ was: String, instead: String) {
        self.place = place
        self.was = was
        self.instead = instead
    }
}

/// What something was and what to do instead, in words that fit every place where it is true.
struct Note: Sendable, Hashable {
    let was: String
    let instead: String

    init(_ was: String, instead: String) {
        self.was = was
        self.instead = instead
    }

    func at(_ place: String) -> Remark { Remark(place, was, instead: instead) }
}
