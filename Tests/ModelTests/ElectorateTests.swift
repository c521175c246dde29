import Model
import TestSupport
import Testing

@Suite("What observers together say") struct ElectorateTests {
    private static let names = ["a", "b", "c", "d", "e"]

    /// Up to four observers, each with every state, fresh, too old or silent.
    @Test func `down takes a majority of fresh votes, and never one observer's word where there are two`() {
        var count = 0
        for size in 1...4 {
            let electorate = Electorate(own: "a", observers: Array(Self.names.prefix(size)), ageLimit: .seconds(15))
            let choices: [(HealthState, Duration)?] =
                [nil] + HealthState.allCases.flatMap { [($0, .seconds(1)), ($0, .seconds(16))] }
            func explore(_ votes: [(HealthState, Duration)?]) {
                guard votes.count == size else {
                    for choice in choices { explore(votes + [choice]) }
                    return
                }
                count += 1
                check(electorate, votes)
            }
            explore([])
        }
        #expect(count == 9 + 81 + 729 + 6561)
    }

    private func check(_ electorate: Electorate, _ votes: [(HealthState, Duration)?]) {
        let cast = zip(Self.names, votes).compactMap { name, vote in
            vote.map { ObserverVote(observer: name, state: $0.0, reason: "r", age: $0.1) }
        }
        let verdict = electorate.verdict(cast)
        let fresh = cast.filter { $0.age <= .seconds(15) }
        let down = fresh.count { $0.state == .down }
        let size = electorate.observers.count
        let isMajority = 2 * down > size && (size == 1 || down >= 2)
        let wanted: HealthState =
            isMajority
            ? .down
            : fresh.contains { $0.state == .down || $0.state == .degraded }
                ? .degraded : fresh.contains { $0.state == .up } ? .up : .unknown
        if verdict.state != wanted { Issue.record("\(cast): \(verdict.state), not \(wanted)") }
        // Who was not heard changes nothing, but by its silence.
        if electorate.verdict(fresh).state != verdict.state { Issue.record("an old vote counted: \(cast)") }
    }

    @Test func `nobody has a say who is not asked, and nobody has two`() {
        let electorate = Electorate(own: "a", observers: ["a", "b"], ageLimit: .seconds(15))
        func vote(_ name: String, _ state: HealthState, _ age: Int = 1) -> ObserverVote {
            ObserverVote(observer: name, state: state, reason: "r", age: .seconds(age))
        }
        #expect(electorate.verdict([vote("a", .down), vote("x", .down), vote("y", .down)]).state == .degraded)
        #expect(electorate.verdict([vote("a", .down), vote("a", .down), vote("a", .down, 2)]).state == .degraded)
        // Of two votes of one observer the fresher counts, whatever their order.
        #expect(electorate.verdict([vote("a", .down), vote("b", .down, 5), vote("b", .up, 1)]).state == .degraded)
        #expect(electorate.verdict([vote("a", .down), vote("b", .up, 5), vote("b", .down, 1)]).state == .down)
    }

    @Test func `who asks has a say though the list leaves it out, and then it takes more`() {
        let electorate = Electorate(own: "x", observers: ["a", "b"], ageLimit: .seconds(15))
        #expect(electorate.observers == ["x", "a", "b"] && electorate.quorum == 2)
        #expect(Electorate(own: "x", observers: [], ageLimit: .seconds(15)).quorum == 1)
        #expect(
            (1...5).map { Electorate(own: "a", observers: Array(Self.names.prefix($0)), ageLimit: .zero).quorum } == [
                1, 2, 2, 3, 3,
            ])
    }

    @Test func `the reason names who says what, and who is not heard`() {
        let electorate = Electorate(own: "a", observers: ["a", "b"], ageLimit: .seconds(15))
        let verdict = electorate.verdict([ObserverVote(observer: "a", state: .down, reason: "no answer", age: .zero)])
        #expect(
            verdict.reason
                == "1 of 2 observers find it down, 2 needed | a says down: no answer | nothing is heard of b")
    }
}
