import Assets
import Foundation
import Testing

@testable import Demo

/// The parts of the demo; the whole of it is run by the tests of its command.
@Suite("The demo's parts") struct DemoTests {
    @Test func `quantiles are measured values`() {
        var latencies = Latencies()
        #expect(latencies.quantile(0.5) == nil)
        for number in (1...100).shuffled() { latencies.add(.milliseconds(number)) }
        #expect(latencies.quantile(0.5) == .milliseconds(50) && latencies.quantile(0.95) == .milliseconds(95))
        #expect(latencies.quantile(0) == .milliseconds(1) && latencies.quantile(1) == .milliseconds(100))
    }

    @Test func `long lines are broken between words`() {
        #expect(DemoScreen.wrapped("one two three", 7) == ["one two", "three"])
        #expect(DemoScreen.wrapped("one two", 7) == ["one two"])
        #expect(DemoScreen.wrapped("incomprehensible", 7) == ["incomprehensible"])
    }

    @Test func `a disk without room is told before anything is made`() throws {
        let place = try DemoPlace.choose(environment: ["TMPDIR": "/tmp"], needed: 1)
        #expect(place.folder.hasPrefix("/tmp/switchback-demo-"))
        let full = #expect(throws: DemoError.self) {
            try DemoPlace.choose(environment: ["TMPDIR": "/tmp"], needed: Int.max)
        }
        #expect(full?.message.contains("the disk that holds /tmp is too full") == true)
        #expect(full?.hint?.contains("TMPDIR") == true)
        let missing = #expect(throws: DemoError.self) { try DemoPlace.choose(environment: ["TMPDIR": "/nowhere"]) }
        #expect(missing?.message.contains("there is no folder /nowhere") == true)
    }

    /// A file that nothing uses is one that nobody has tried.
    @Test func `every file of the demo is used`() throws {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = top.appendingPathComponent("Sources/Demo")
        let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
        let text = try names.map { try String(contentsOf: sources.appendingPathComponent($0), encoding: .utf8) }
            .joined()
        let files = Assets.files.keys.filter { $0.hasPrefix("Demo/") }
        #expect(files.count > 30)
        for file in files {
            let name = file.split(separator: "/").last ?? ""
            #expect(text.contains("\"\(name)\"") || text.contains("/\(name)\""), "Demo/\(name).sql is used nowhere")
        }
    }

    @Test func `every errand is done now and then`() {
        #expect(Errand.all.allSatisfy { $0.weight > 0 })
        #expect(Set((0..<2000).map { _ in Errand.any(withdraws: true).name }) == Set(Errand.all.map(\.name)))
        #expect((0..<2000).allSatisfy { _ in Errand.any(withdraws: false).name != "withdraw" })
    }
}
