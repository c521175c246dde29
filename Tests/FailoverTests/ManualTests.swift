import Foundation
import Testing

@testable import Failover

/// The manual has the tables that the program goes by.
@Suite("Docs/Failover.md", .serialized) struct ManualTests {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Docs/Failover.md")

    private static func transitions() -> String {
        let rows = Transition.table.map { row in
            let condition = row.condition.rawValue.isEmpty ? "" : row.condition.rawValue
            return
                "| \(row.phase.rawValue) | \(row.event.rawValue) | \(condition) | \(row.action.rawValue) | \(row.next.rawValue) |"
        }
        return "| state | event | if | do | next |\n|---|---|---|---|---|\n" + rows.joined(separator: "\n") + "\n"
    }

    private static func steps() -> String {
        let (old, new) = (PlanSite(name: "old", node: "old"), PlanSite(name: "new", node: "new"))
        return Plans.kinds.map { kind, mode in
            let plan = Plan.make(
                id: "", kind: kind, mode: mode, from: old, to: new, limits: PlanLimits(), omitting: [], cause: "")
            let head = kind == .failback ? "\(kind.rawValue), \(mode.rawValue)" : kind.rawValue
            let rows = plan.steps.enumerated().map { number, step in
                let failing =
                    switch step.failing {
                    case .goOn: "go on"
                    case .undo: "undo"
                    case .stop: "stop"
                    }
                let limit = step.attemptsMost > 1 ? "\(step.attemptsMost) × \(step.limit.text)" : step.limit.text
                return
                    "| \(number + 1) | `\(step.name.rawValue)` | \(step.check) | \(step.action) | \(limit) | \(failing) | \(step.undo ?? "") |"
            }
            return
                "### \(head)\n\n| | step | first | does | at most | when it fails | undo |\n|---|---|---|---|---|---|---|\n"
                + rows.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// `SWITCHBACK_SNAPSHOTS=write` writes them anew.
    @Test(arguments: ["steps", "transitions"]) func `the table is the program's`(_ name: String) throws {
        let wanted = name == "steps" ? Self.steps() : Self.transitions()
        var text = try String(contentsOf: Self.file, encoding: .utf8)
        let parts = text.components(separatedBy: "<!-- \(name) -->\n")
        try #require(parts.count == 2)
        let tail = try #require(parts[1].range(of: "<!-- end -->"))
        if ProcessInfo.processInfo.environment["SWITCHBACK_SNAPSHOTS"] == "write" {
            text = parts[0] + "<!-- \(name) -->\n" + wanted + parts[1][tail.lowerBound...]
            try text.write(to: Self.file, atomically: false, encoding: .utf8)
        } else {
            #expect(String(parts[1][..<tail.lowerBound]) == wanted)
        }
    }

    @Test func `every phase and every event is in the table`() {
        let phases = Set(Transition.table.flatMap { [$0.phase, $0.next] })
        #expect(phases == Set(Phase.allCases))
        #expect(Set(Transition.table.map(\.event)) == Set(EventName.allCases))
    }
}
