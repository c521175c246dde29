import Glibc

/// How much is tried. `SWITCHBACK_THOROUGH=1` tries all cases instead of a part of them; it takes minutes, and a release
/// build.
enum Effort {
    static let isThorough = getenv("SWITCHBACK_THOROUGH") != nil

    /// One case in so many, beginning with a different one for each rule, so that the rules together see many of them.
    static func part<Case>(of cases: [Case], every times: Int, for rule: Int) -> [Case] {
        if isThorough { return cases }
        return cases.enumerated().filter { ($0.offset + rule) % times == 0 }.map(\.element)
    }
}
