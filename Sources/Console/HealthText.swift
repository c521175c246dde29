import Foundation
public import Health
import Model

/// Health as text for people.
public enum HealthText {
    /// The sites with the reason of each, then every check.
    public static func render(_ document: HealthDocument) -> String {
        let source =
            document.source == "observers"
            ? "as the observers see it" : "no daemon watches: looked at just now, by this command"
        var lines = ["cluster \(document.cluster), \(source)", ""]
        lines += TextColumns.lines(
            [["SITE", "STATE", "FOR", ""]]
                + document.sites.map {
                    [
                        $0.site, shown($0.state), time($0.lastingSeconds),
                        $0.active && document.sites.count > 1 ? "active" : "",
                    ]
                })
        for site in document.sites { lines += ["  \(site.site): \(site.reason)"] + votes(site) }
        lines.append("")
        let several = Set(document.checks.map(\.observer)).count > 1
        lines += TextColumns.lines(
            [["CHECK", "STATE", "IN A ROW", "LAST LOOK", several ? "BY" : ""]]
                + document.checks.map { entry in
                    let check = entry.check
                    return [
                        check.name, check.state.rawValue, inARow(check), check.at ?? "never",
                        several ? entry.observer : "",
                    ]
                })
        for entry in document.checks { lines += notes(entry, several) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func votes(_ site: HealthDocument.Site) -> [String] {
        guard site.votes.count > 1 else { return [] }
        return site.votes.map { vote in
            let rest = vote.counts ? "" : "; it does not count"
            return "    \(vote.observer): \(vote.state.rawValue), said \(time(vote.ageSeconds)) ago\(rest)"
        }
    }

    private static func notes(_ entry: HealthDocument.Check, _ several: Bool) -> [String] {
        let check = entry.check
        let who = several ? " (\(entry.observer))" : ""
        var lines = ["  \(check.name)\(who): \(check.reason ?? check.story)"]
        if check.state != .up, check.reason != nil { lines.append("    \(check.story)") }
        if !check.performance.isEmpty {
            lines.append("    " + check.performance.map(datum).joined(separator: ", "))
        }
        return lines
    }

    private static func inARow(_ check: CheckReport) -> String {
        if check.failuresInRow > 0 { return "\(check.failuresInRow) failed" }
        return check.successesInRow > 0 ? "\(check.successesInRow) well" : ""
    }

    private static func datum(_ datum: PerformanceDatum) -> String {
        guard let value = datum.value else { return "\(datum.label) unknown" }
        let isWhole = value == value.rounded() && abs(value) < 1e15
        return
            "\(datum.label) \(isWhole ? String(Int(value)) : String(value))\(datum.unit.isEmpty ? "" : " \(datum.unit)")"
    }

    private static func shown(_ state: HealthState) -> String { state == .down ? "DOWN" : state.rawValue }

    private static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        default: "\(Int(seconds / 3600)) h"
        }
    }
}
