import Foundation
import Testing

@testable import LocalCluster

@Suite("Where clusters lie") struct ClusterPlaceTests {
    /// Symptom: an empty folder was left behind by two clusters that had been started at the same moment in a new folder.
    /// Cause: the one that came second found the folder made and not yet noted as ours, and did not remove it when it
    /// was the last to go. Fix: making the folder and noting that are one step.
    @Test func `whichever of several clusters goes last takes the folder with it`() async throws {
        for _ in 1...50 {
            let folder = temporaryFolder()
            let places = try await withThrowingTaskGroup(of: ClusterPlace.self) { group in
                for number in 1...4 { group.addTask { try ClusterPlace.prepare(name: "c\(number)", folder: folder) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(places.allSatisfy { $0.removableParent != nil })
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}
