import Foundation
import Programs
import Settings

/// Runs a program that tells somebody: what happened is in its environment, and as JSON on its standard input.
struct Execution: NotifyDelivery {
    let settings: NotifyProgram
    let timeout: Duration

    func deliver(_ event: NotifyEvent) async throws(DeliveryFailed) {
        var program = ExternalProgram(settings.command, folder: "/", input: String(decoding: event.json, as: UTF8.self))
        program.environment = Self.environment(event).merging(settings.environment.mapValues { $0.value }) { $1 }
            .mapValues { Optional($0) }
        let outcome: ExternalProgram.Outcome
        do { outcome = try await program.run(limit: timeout, outputBytesMax: 1 << 14) } catch {
            throw DeliveryFailed(reason: "\(error)", isWorthAnother: true)
        }
        guard outcome.ending != .exited(0) else { return }
        throw DeliveryFailed(reason: reason(outcome), isWorthAnother: true)
    }

    private static func environment(_ event: NotifyEvent) -> [String: String] {
        let variables = [
            "SWITCHBACK_KIND": event.kind, "SWITCHBACK_CLUSTER": event.cluster, "SWITCHBACK_SITE": event.site ?? "",
            "SWITCHBACK_TITLE": event.title, "SWITCHBACK_TEXT": event.text,
            "SWITCHBACK_AT": event.at.formatted(.iso8601),
        ]
        return variables.mapValues { $0.replacing("\0", with: " ") }
    }

    private func reason(_ outcome: ExternalProgram.Outcome) -> String {
        let how =
            switch outcome.ending {
            case .exited(let status): "status \(status)"
            case .killed(let signal): "ended by signal \(signal)"
            case .stopped: "still running after \(timeout)"
            case .unknown(let reason): reason
            }
        let line = outcome.errors.split(separator: "\n").first.map { String($0.prefix(300)) }
        guard var said = line else { return how }
        for secret in settings.environment.values where secret.value.utf8.count > 2 {
            said = said.replacing(secret.value, with: "…")
        }
        return "\(how): \(said)"
    }
}
