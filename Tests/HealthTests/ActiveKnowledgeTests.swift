import Model
import Testing

@testable import Health

@Suite("Which site an observer takes for the active one") struct ActiveKnowledgeTests {
    private static func says(
        _ observer: String, _ site: String, epoch: Int64, age: Duration = .seconds(1)
    ) -> Testimony {
        Testimony(
            site: "primary", vote: ObserverVote(observer: observer, state: .up, reason: "a test", age: age),
            lasting: .zero, checks: [], active: ActiveSite(site, epoch: epoch))
    }

    private static let sites = ["primary", "secondary"]
    private var fresh: ActiveKnowledge { ActiveKnowledge(ActiveSite("primary", epoch: 0)) }

    @Test func `what is of a later epoch is taken over from anybody, and nothing of an earlier one`() {
        var known = fresh
        #expect(known.heard([Self.says("east", "secondary", epoch: 4)], among: Self.sites) == true)
        #expect(known.active == ActiveSite("secondary", epoch: 4))
        #expect(known.heard([Self.says("west", "primary", epoch: 3)], among: Self.sites) == false)
        #expect(known.active == ActiveSite("secondary", epoch: 4))
        #expect(known.heard([Self.says("west", "nowhere", epoch: 9)], among: Self.sites) == false)
        #expect(known.told(ActiveSite("primary", epoch: 3)) == false)
        #expect(known.told(ActiveSite("primary", epoch: 5)) == true)
        #expect(known.active == ActiveSite("primary", epoch: 5))
    }

    /// Symptom: an observer that had heard of a plan half way went on looking at the site that was left, until the next plan. Cause: it
    /// listened to a later epoch only, and the plan's end has the epoch of its middle. Fix: who names another site under the same
    /// epoch has heard the end.
    @Test func `who heard of a plan half way learns where it ended`() {
        var known = fresh
        #expect(known.heard([Self.says("east", "primary", epoch: 4)], among: Self.sites) == true)
        #expect(known.heard([Self.says("east", "primary", epoch: 4)], among: Self.sites) == false)
        #expect(known.heard([Self.says("east", "secondary", epoch: 4)], among: Self.sites) == true)
        #expect(known.active == ActiveSite("secondary", epoch: 4))
        // Somebody who has not heard so yet changes nothing by repeating himself, and nothing when he has.
        #expect(known.heard([Self.says("west", "primary", epoch: 4)], among: Self.sites) == false)
        #expect(known.heard([Self.says("west", "secondary", epoch: 4)], among: Self.sites) == false)
        #expect(known.active == ActiveSite("secondary", epoch: 4))
    }

    @Test func `of what lies at several nodes an observer's latest word holds`() {
        var known = fresh
        let words = [
            Self.says("east", "secondary", epoch: 4, age: .seconds(1)),
            Self.says("east", "primary", epoch: 4, age: .seconds(7)),
        ]
        for order in [words, Array(words.reversed())] {
            _ = known.heard(order, among: Self.sites)
            #expect(known.active == ActiveSite("secondary", epoch: 4))
        }
    }

    @Test func `who reads the journal itself goes by no word of the same epoch`() {
        var known = fresh
        #expect(known.told(ActiveSite("secondary", epoch: 4)) == true)
        #expect(known.heard([Self.says("east", "secondary", epoch: 4)], among: Self.sites) == false)
        #expect(known.heard([Self.says("east", "primary", epoch: 4)], among: Self.sites) == false)
        #expect(known.active == ActiveSite("secondary", epoch: 4))
        #expect(known.told(ActiveSite("primary", epoch: 4)) == true)
        #expect(known.active == ActiveSite("primary", epoch: 4))
    }
}
