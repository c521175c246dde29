import Failover

/// A plan as a JSON document.
struct PlanDocument: Encodable {
    struct StepLine: Encodable {
        let step: String
        let check: String
        let action: String
        let limitSeconds: Double
        let attempts: Int
        let onFailure: String
        let undo: String?
    }

    let plan: String
    let kind: String
    let mode: String
    let from: String
    let to: String
    let budgetSeconds: Double
    let steps: [StepLine]
    let dns: [String]?
    let files: [FilesOutlook]?
    let stranded: [TableCount]?
    let secondsWithoutWrites: Double?
    let secondsAtMost: Double?
    let notes: [String]

    init(_ made: Plan, _ outlook: PlanOutlook) {
        plan = made.id
        kind = made.kind.rawValue
        mode = made.mode.rawValue
        from = made.from.name
        to = made.to.name
        budgetSeconds = made.budget.inSeconds
        steps = made.steps.map {
            StepLine(
                step: $0.name.rawValue, check: $0.check, action: $0.action, limitSeconds: $0.limit.inSeconds,
                attempts: $0.attemptsMost, onFailure: $0.failing.rawValue, undo: $0.undo)
        }
        dns = outlook.names
        files = outlook.files
        stranded = outlook.stranded
        secondsWithoutWrites = outlook.secondsWithoutWrites
        secondsAtMost = outlook.secondsAtMost
        notes = outlook.notes
    }
}

/// What a run came to as a JSON document.
struct ReportDocument: Encodable {
    struct StepLine: Encodable {
        let step: String
        let result: String
        let seconds: Double?
        let note: String?
        let numbers: [String: Int]
    }

    let plan: String
    let kind: String
    let outcome: String
    let from: String
    let to: String
    let epoch: Int
    let seconds: Double
    let secondsWithoutWrites: Double?
    let reason: String?
    let hint: String?
    let stoppedAt: String?
    let command: String?
    let undoCommand: String?
    let manualSteps: [String]
    let steps: [StepLine]
    let strandedRows: Int?
    let mergedRows: Int?
    let conflicts: Int?
    let filesMoved: Int?
    let filesRescued: Int?
    let filesDeleted: Int?
    let filesInConflict: Int?
    let filesSetAside: Int?

    init(_ report: RunReport) {
        plan = report.plan.id
        kind = report.plan.kind.rawValue
        outcome = report.outcome.rawValue
        from = report.plan.from.name
        to = report.plan.to.name
        epoch = report.epoch
        seconds = report.seconds
        secondsWithoutWrites = report.secondsWithoutWrites
        reason = report.reason
        hint = report.hint
        stoppedAt = report.stoppedAt?.rawValue
        command = report.command
        undoCommand = report.undoCommand
        manualSteps = report.manualSteps
        steps = report.lines.map {
            StepLine(
                step: $0.step.rawValue, result: $0.mark.rawValue, seconds: $0.seconds, note: $0.note,
                numbers: $0.numbers)
        }
        strandedRows = report.numbers["stranded_rows"]
        mergedRows = report.numbers["merged_rows"]
        conflicts = report.numbers["conflicts"]
        filesMoved = report.numbers["files_moved"]
        filesRescued = report.numbers["files_rescued"]
        filesDeleted = report.numbers["files_deleted"]
        filesInConflict = report.numbers["files_in_conflict"]
        filesSetAside = report.numbers["files_set_aside"]
    }
}
