import Foundation
import Glibc
import TestSupport
import Testing

/// The steps of plans that have to do with files, by the program and as it tells them: two databases, and for each job a folder at
/// either site.
@Suite("Files in the steps of plans", .serialized) struct PlanStepTests {
    private struct Place {
        let folder: String

        func tree(_ job: String, _ site: String) -> Tree { Tree("\(folder)/\(job)/\(site)") }

        /// - Parameter programs: a folder of programs that are found before the system's.
        func run(_ words: String..., programs: String? = nil) async throws -> Program.Outcome {
            var environment = ["SWITCHBACK_SITE": "primary"]
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            if let programs { environment["PATH"] = "\(programs):\(path)" }
            return try await Program.run(words, in: folder, environment: environment)
        }

        static func make(_ jobs: [String]) async throws -> Place {
            let place = Place(folder: try Program.folder())
            var lines = ["files:"]
            for job in jobs {
                for site in ["primary", "secondary"] {
                    try FileManager.default.createDirectory(
                        atPath: place.tree(job, site).root, withIntermediateDirectories: true)
                }
                let reach = ["primary", "secondary"].map {
                    "\($0): { local: true, path: \(place.tree(job, $0).root) }"
                }.joined(separator: ", ")
                lines.append("  \(job): { from: primary, to: secondary, path: \(TestSite.path), delete: true,")
                lines.append("    max_deletions_percent: 100, reach: { \(reach) } }")
            }
            let site = try await TestSupport.TestSite.make(
                schema: "CREATE TABLE tally (id int PRIMARY KEY, n int NOT NULL)",
                rows: "INSERT INTO tally VALUES (1, 0)", more: lines.joined(separator: "\n"))
            try await site.start()
            try site.yaml.write(toFile: place.folder + "/switchback.yaml", atomically: false, encoding: .utf8)
            for job in jobs { place.tree(job, "primary").write("a", "1") }
            #expect(try await place.run("files", "sync").status == 0)
            return place
        }
    }

    /// Symptom: a failover told of one tree that the old site could still write to, and not of the others. Cause: of the jobs that
    /// could not be kept out the first one became the step's error. Fix: all of them are in it.
    @Test func `a failover names every job whose tree it could not take over`() async throws {
        let place = try await Place.make(["one", "three", "two"])
        // Two of the disks at the secondary are not mounted when the site moves there.
        for job in ["one", "three"] {
            let root = place.tree(job, "secondary").root
            rename(root, root + "-away")
            mkdir(root, 0o755)
        }
        let there = try await place.run("failover", "--yes")
        #expect(there.status == 0, "\(there)")
        let lines = there.errors.split(separator: "\n")
        let line = try #require(lines.first { $0.contains("files_freeze is passed over") }, "\(there)")
        for job in ["one", "three"] {
            #expect(line.contains("files.\(job): the tree of \(job) at secondary is empty"), "\(line)")
        }
        #expect(!line.contains("files.two"), "\(line)")
        // That of the third is, all the same.
        let marker = place.tree("two", "secondary").text(".switchback/two/marker")
        #expect(marker?.contains("\"hasOwn\":true") == true, "\(marker ?? "none")")
    }

    /// What a failback reports as moved is on the disk; `FlushTests` tells the story.
    @Test func `a failback whose files do not get to the disk is undone, and one that is done has flushed both trees`()
        async throws
    {
        let place = try await Place.make(["opt"])
        let (primary, secondary) = (place.tree("opt", "primary"), place.tree("opt", "secondary"))
        let there = try await place.run("failover", "--yes")
        #expect(there.status == 0, "\(there)")
        primary.write("upload", "only the primary had it")
        secondary.write("new", "at the secondary")
        // A sync in front of the real one, as on a disk with errors.
        let (programs, asked, broken) = (place.folder + "/bin", place.folder + "/asked", place.folder + "/broken")
        mkdir(programs, 0o755)
        let known = ["/usr/bin/sync", "/bin/sync"]
        let real = known.first { FileManager.default.isExecutableFile(atPath: $0) } ?? known[0]
        try """
        #!/bin/sh
        echo "$*" >> "\(asked)"
        if [ -e "\(broken)" ]; then echo "sync: error syncing: Input/output error" >&2; exit 1; fi
        exec \(real) "$@"

        """.write(toFile: programs + "/sync", atomically: false, encoding: .utf8)
        chmod(programs + "/sync", 0o755)
        #expect(FileManager.default.createFile(atPath: broken, contents: nil))
        let refused = try await place.run("failback", "--yes", programs: programs)
        #expect(refused.status == 1 && refused.output.contains("undone"), "\(refused)")
        #expect(refused.output.contains("could not be brought to its disk"), "\(refused)")
        #expect(refused.output.contains("see that the disk is well"), "\(refused)")
        for path in [asked, broken] { unlink(path) }
        let back = try await place.run("failback", "--yes", programs: programs)
        #expect(back.status == 0, "\(back)")
        let flushed = Set(try String(contentsOfFile: asked, encoding: .utf8).split(separator: "\n").map(String.init))
        #expect(flushed == ["-f \(primary.root)/", "-f \(secondary.root)/"])
        #expect(primary.content() == secondary.content() && secondary.exists("upload") && primary.exists("new"))
        // Everyday runs leave it to the system.
        #expect(try await place.run("files", "sync", programs: programs).status == 0)
        unlink(asked)
        primary.write("later", "1")
        #expect(try await place.run("files", "sync", programs: programs).status == 0)
        #expect(secondary.exists("later") && access(asked, F_OK) != 0)
    }
}
