public import Model

/// Something that can be looked at: a plug-in of health.
///
/// A look ends by itself within its limit as far as it can; whoever asks does not rely on it.
public protocol HealthProbe: Sendable {
    /// Takes one look. It never throws: what goes wrong is what it found.
    func look() async -> CheckFinding
}

extension CheckFinding {
    static func up(_ reason: String, _ performance: [PerformanceDatum] = []) -> CheckFinding {
        .told(CheckResult(.up, reason, performance: performance))
    }

    static func down(_ reason: String, _ performance: [PerformanceDatum] = []) -> CheckFinding {
        .told(CheckResult(.down, reason, performance: performance))
    }

    static func unknown(_ reason: String, _ performance: [PerformanceDatum] = []) -> CheckFinding {
        .told(CheckResult(.unknown, reason, performance: performance))
    }
}
