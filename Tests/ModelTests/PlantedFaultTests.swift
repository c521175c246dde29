import Model
import TestSupport
import Testing

/// A checker is worth what it finds: each fault is planted into the cluster that is otherwise found without any.
@Suite("Faults that are planted are found (P4, P5)") struct PlantedFaultTests {
    private typealias Finding = SimulatedCluster.Finding

    /// Runs episodes with a fault until one is found that is wanted, and the same ones without the fault.
    private func findings(
        _ fault: Fault, _ rule: ConflictRule, until isWanted: (Finding) -> Bool
    ) -> (with: [Finding], without: [Finding]) {
        let seed = testSeed(fault.rawValue)
        var found: (with: [Finding], without: [Finding]) = ([], [])
        for episode in 0..<1000 where !found.with.contains(where: isWanted) {
            let episode = seed &+ UInt64(episode)
            var sound = RandomWorkload(seed: episode, rule: rule, topology: .mesh)
            found.without += sound.run(operations: 60).findings
            var faulty = RandomWorkload(seed: episode, fault: fault, rule: rule, topology: .mesh)
            found.with += faulty.run(operations: 60).findings
        }
        return found
    }

    private func isDiverged(_ finding: Finding) -> Bool {
        if case .diverged = finding { true } else { false }
    }

    private func isLost(_ finding: Finding) -> Bool {
        if case .lost = finding { true } else { false }
    }

    private func isWrongCount(_ finding: Finding) -> Bool {
        if case .wrongCount = finding { true } else { false }
    }

    /// Each of these makes nodes differ for ever, which is seen without any account of what they should show.
    @Test(arguments: [
        (Fault.tieByApplier, ConflictRule.latest), (.deletionsForgotten, .latest), (.knowledgeByClock, .latest),
        (.pairwiseChoice, .prefer(["A", "C", "B"])), (.lostDelivery, .latest),
        (.droppedWhenSeen, .earliest),
    ])
    func `nodes that differ are found`(_ fault: Fault, _ rule: ConflictRule) {
        let found = findings(fault, rule, until: isDiverged)
        #expect(found.without.isEmpty)
        #expect(found.with.contains(where: isDiverged))
    }

    @Test func `a loser that is written down nowhere is found`() {
        let found = findings(.loserNotRecorded, .latest, until: isLost)
        #expect(found.without.isEmpty)
        #expect(found.with.contains(where: isLost))
        #expect(!found.with.contains(where: isDiverged))
    }

    @Test func `counters reckoned from the versions that are left are found`() {
        let found = findings(.differencesOfVersions, .latest, until: isWrongCount)
        #expect(found.without.isEmpty)
        #expect(found.with.contains(where: isWrongCount))
    }

    /// The example of ``Knowledge``: C writes, B sees it and writes over it, and A hears of B first.
    @Test func `a receiver that takes over only what the sender saw of itself keeps a superseded version for ever`() {
        for fault in [nil, Fault.ownKnowledgeOnly] {
            var cluster = SimulatedCluster(
                SimulatedCluster.Plan(nodes: 3, rule: .earliest, links: Topology.mesh.links(3), fault: fault))
            cluster.write(0, .put(a: 1), at: 2, microseconds: 1)
            let first = cluster.read(SimulatedCluster.Link(from: 2, to: 0))
            cluster.deliver(SimulatedCluster.Link(from: 2, to: 1))
            cluster.write(0, .put(a: 2), at: 1, microseconds: 2)
            cluster.deliver(SimulatedCluster.Link(from: 1, to: 0))
            cluster.apply(first, at: 0)
            cluster.settle()
            cluster.lookAtTheEnd()
            #expect(cluster.findings.contains(.diverged(key: 0)) == (fault != nil))
        }
    }
}
