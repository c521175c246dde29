import Console
import FileSync
import LocalCluster
import Postgres

/// What the later steps show of the files.
extension DemoStep {
    /// Before the line is cut: only what is handed in after this can be on one machine alone.
    static func awaitUploads(_ files: DemoFiles) async throws {
        let paths = files.book.value.paths
        try await wait("the uploads did not arrive") { paths.allSatisfy { files.secondary.text($0) != nil } }
    }

    /// A file that both sites change, of which neither has seen the other's change.
    static func correctGuide(_ files: DemoFiles, _ tree: UploadTree, _ name: String) throws {
        let text = "how to hand in files, as \(name) has it\n"
        try tree.write(DemoFiles.guide, text)
        files.book.change { $0.changed(DemoFiles.guide, from: "how to hand in files\n", to: text) }
    }

    /// What the dead primary had alone.
    static func tellStrandedUploads(_ stage: DemoStage, _ files: DemoFiles) {
        let stranded = files.onlyAtPrimary
        stage.figures.change { $0.files?.stranded = stranded }
        guard let last = stranded.last else { return }
        stage.screen.say(
            "and so \(stranded.count == 1 ? "is" : "are") \(ProgressText.count(stranded.count, "uploaded file")), \(last) among them",
            .yellow)
    }

    /// What would be done with the files, before anything is done.
    static func showFilesPlan(_ stage: DemoStage, _ nodes: DemoNodes, _ files: DemoFiles) async throws {
        let plan = try await files.job(nodes.cluster).mover.plan()
        if let obstacle = plan.obstacle { throw DemoError("the files cannot be brought back: \(obstacle)") }
        stage.screen.command("switchback files plan \(DemoFiles.jobName)")
        let wanted: [(FilePlan.Reason, String)] = [
            (.rescue, "raleigh alone has it: rescued"), (.conflict, "both sites changed it: the later one stays"),
            (.delete, "taken away at durham: deleted"), (.copyBack, "new at durham: copied"),
        ]
        for (reason, meaning) in wanted {
            let paths = plan.entries.filter { $0.reason == reason.rawValue }.map(\.path)
            guard let last = paths.last else { continue }
            let others = paths.count > 1 ? " and \(paths.count - 1) more" : ""
            stage.screen.say("\(last)\(others)   \(meaning)", reason == .rescue ? .yellow : nil)
        }
        stage.screen.note("a bare rsync --delete would have deleted what is rescued here")
    }

    /// Brings over what is under way, and looks for every file at both sites, in the backup folders and in the report.
    static func proveUploads(_ stage: DemoStage, _ nodes: DemoNodes, _ files: DemoFiles) async throws {
        let job = try files.job(nodes.cluster)
        try await wait("the files are still being moved") {
            do {
                _ = try await job.mover.sync(SyncOptions()) { _ in }
                return true
            } catch let error as FileSyncError where error.kind == .busy { return false }
        }
        let report = try await job.mover.report()
        let trees = files.trees.map { $0.files() }
        let proof = UploadProof(files.book.value, trees: trees, aside: files.aside(report.done))
        let rescued = report.paths(.rescue).filter { path in trees.allSatisfy { $0[path] != nil } }
        let homeless = try await rowsWithoutFile(nodes, job)
        stage.figures.change {
            $0.files?.take(proof, rescued: rescued, rowsWithoutFile: homeless)
        }
        for path in proof.missing { stage.screen.say("\(path) is lost", .red) }
        for path in proof.returned { stage.screen.say("\(path) is there, though it was deleted", .red) }
        stage.screen.say(
            "\(ProgressText.count(proof.files, "uploaded file")), \(ProgressText.count(proof.missing.count)) missing: \(rescued.count) rescued, \(proof.setAside.count) set aside and named in the report",
            proof.holds ? .green : .red)
        stage.screen.say(
            "rows that name a file that is not there: \(homeless)", homeless == 0 ? nil : .red)
        for item in report.done where item.setAside != nil && proof.setAside.contains(item.path) {
            stage.screen.note("\(item.path) of raleigh lies in \(item.setAside ?? "")")
        }
    }

    private static func rowsWithoutFile(_ nodes: DemoNodes, _ job: FileJob) async throws -> Int {
        var missing = 0
        for (site, cluster) in [("primary", nodes.raleigh), ("secondary", nodes.durham)] {
            let connection = try await DemoNodes.open(cluster)
            do {
                missing += try await job.trees.references(at: site, over: connection)?.missing.count ?? 0
            } catch {
                await connection.close()
                throw error
            }
            await connection.close()
        }
        return missing
    }
}
