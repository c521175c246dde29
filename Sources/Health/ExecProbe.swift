import Model
import Programs
import Settings

/// Runs a program and goes by its exit status: any Nagios plug-in, as it is.
struct ExecProbe: HealthProbe {
    let check: ExecCheck
    let timeout: Duration

    func look() async -> CheckFinding {
        let program = ExternalProgram(
            check.command, environment: check.environment.mapValues { Optional($0.value) }, folder: "/")
        do {
            let outcome = try await program.run(limit: timeout, outputBytesMax: 1 << 16)
            return .told(judge(outcome))
        } catch {
            return .unknown("\(error)")
        }
    }

    /// What a program's end means: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; whatever else is unknown as well.
    func judge(_ outcome: ExternalProgram.Outcome) -> CheckResult {
        let text = PluginText(outcome.output)
        let first = outcome.errors.split(separator: "\n").first.map(String.init) ?? ""
        let said = withoutSecrets(String((text.summary.isEmpty ? first : text.summary).prefix(300)))
        func result(_ found: CheckOutcome, _ word: String) -> CheckResult {
            CheckResult(
                found, said.isEmpty ? word : said,
                performance: text.performance + [.seconds("run", outcome.elapsed)])
        }
        switch outcome.ending {
        case .exited(0): return result(.up, "status 0")
        case .exited(1): return result(check.warningIsDown ? .down : .up, "status 1, a warning")
        case .exited(2): return result(.down, "status 2")
        case .exited(let status):
            let is3 = status == 3
            return CheckResult(
                .unknown, "status \(status)\(is3 ? "" : ", which means nothing")\(said.isEmpty ? "" : ": \(said)")")
        case .killed(let signal): return CheckResult(.unknown, "ended by signal \(signal)")
        case .stopped: return CheckResult(.unknown, "it was still running after \(timeout)")
        case .unknown(let reason): return CheckResult(.unknown, reason)
        }
    }

    private func withoutSecrets(_ text: String) -> String {
        check.environment.values.reduce(text) { text, secret in
            secret.value.utf8.count > 2 ? text.replacing(secret.value, with: "…") : text
        }
    }
}
