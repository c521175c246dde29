import Console
import Failover
import Foundation
import Replication
import Sites

/// What the daemon's watch over the site has told.
struct SiteNews: Sendable {
    /// Why it began to move the site by itself, and when.
    var began: (why: String, at: ContinuousClock.Instant)?
    /// What runs came to.
    var reports: [RunReport] = []
    /// Nodes that came back and were fenced, with what they had taken.
    var quarantines: [Guardian.Quarantine] = []
    /// The last thing that it tried in vain.
    var trouble: String?

    mutating func hear(_ event: Watch.Event, now: ContinuousClock.Instant) {
        switch event {
        case .quarantined(let found): quarantines.append(found)
        case .began(_, let why): began = (why, now)
        case .ended(let report): reports.append(report)
        case .failed(let why), .alarm(let why): trouble = why
        case .resumed: break
        }
    }
}

/// A plan's run, as the one who watches sees it: the step that is under way, and a line for each that came to its end.
enum PlanView {
    static func show(_ progress: RunProgress, on screen: DemoScreen) {
        switch progress {
        case .begins(let step, let number, let count):
            screen.live("\(ProgressText.bar(Double(number) / Double(count))) \(step.name.rawValue): \(step.action)")
        case .done(let step, let seconds, let note):
            line(step, Self.time(seconds), short(note ?? step.action), nil, screen)
        case .passed(let step, let reason): line(step, "–", "passed over: \(short(reason))", .yellow, screen)
        case .epoch(let epoch): screen.note("epoch \(epoch): whoever acts under an older one is refused")
        case .again, .turns, .undoing, .undone, .kept, .stopped:
            if let text = PlanText.line(progress) { screen.say(text, .yellow) }
        case .finished, .withdrawn: break
        }
    }

    /// The beginning of what a step tells: the journal has all of it.
    static func short(_ text: String) -> String {
        let lines = text.split(separator: ";", omittingEmptySubsequences: true).map { $0.drop { $0 == " " } }
        // Of names it is the change that matters, not the zone that it stands in.
        let line = lines.first { $0.hasPrefix("replace ") } ?? lines.first ?? ""
        let cut = line.range(of: " (host=").map { line[..<$0.lowerBound] } ?? line
        return cut.count > 90 ? cut.prefix(89) + "…" : String(cut)
    }

    private static func line(
        _ step: Step, _ time: String, _ text: String, _ style: Terminal.Style?, _ screen: DemoScreen
    ) {
        screen.say("\(padded(step.name.rawValue, 12)) \(padded(time, 8)) \(text)", style)
    }

    private static func time(_ seconds: Double) -> String { ProgressText.duration(.seconds(seconds)) }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
