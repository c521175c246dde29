import Foundation
import Testing

@testable import bench

/// What programs and the kernel print is read right.
@Suite("Benchmark parsing") struct ParsingTests {
    private let output = """
        pgbench (15.18 (Debian 15.18-0+deb12u1))
        transaction type: <builtin: TPC-B (sort of)>
        scaling factor: 20
        query mode: prepared
        number of clients: 4
        number of threads: 2
        maximum number of tries: 1
        duration: 20 s
        number of transactions actually processed: 58622
        number of failed transactions: 3 (0.005%)
        latency average = 1.364 ms
        initial connection time = 9.133 ms
        tps = 2931.712066 (without initial connection time)
        """

    @Test func `pgbench's summary is read`() throws {
        let result = try PgBench.parse(output)
        #expect(result == PgBench.Result(tps: 2931.712066, transactions: 58622, failed: 3))
    }

    @Test func `of two rates the one without connecting counts, whichever comes first`() throws {
        let both = """
            number of transactions actually processed: 10/10
            tps = 90.5 (including connections establishing)
            tps = 100.5 (without initial connection time)
            """
        #expect(try PgBench.parse(both) == PgBench.Result(tps: 100.5, transactions: 10, failed: 0))
    }

    @Test func `a run that was aborted has no result`() {
        #expect(throws: PgBench.Unreadable.self) { try PgBench.parse("pgbench: error: connection refused") }
        #expect(throws: PgBench.Unreadable.self) { try PgBench.parse("") }
        #expect(throws: PgBench.Unreadable.self) { try PgBench.parse("tps = 100.5 (without initial connection time)") }
    }

    @Test func `processes are read whatever their names hold, with the time of their ended children`() {
        let line =
            "42 (odd ) name) S 7 42 42 0 -1 4194304 100 200 0 0 150 50 300 100 20 0 1 0 1000 2000 300 18446744073709551615"
        #expect(ProcessTable.entry(line, ticksPerSecond: 100) == ProcessTable.Entry(parent: 7, seconds: 6))
        #expect(ProcessTable.entry("42 (short) S 7", ticksPerSecond: 100) == nil)
        #expect(ProcessTable.entry("", ticksPerSecond: 100) == nil)
    }

    @Test func `a tree of processes holds what lives below its roots and nothing else`() {
        let table = ProcessTable(entries: [
            1: .init(parent: 0, seconds: 100), 2: .init(parent: 1, seconds: 1), 3: .init(parent: 2, seconds: 2),
            4: .init(parent: 3, seconds: 4), 5: .init(parent: 1, seconds: 8),
        ])
        #expect(table.tree([2]) == [2, 3, 4])
        #expect(table.seconds([2]) == 7)
        #expect(table.seconds([2, 3]) == 7)
        #expect(table.tree([99]) == [])
    }

    @Test func `peak memory and machine facts are read`() {
        let status = "Name:\tswitchback\nVmPeak:\t  300000 kB\nVmHWM:\t   34512 kB\nVmRSS:\t   30000 kB\n"
        #expect(PeakMemory.kilobytes("VmHWM", in: status) == 34512)
        #expect(PeakMemory.kilobytes("VmSwap", in: status) == nil)
        #expect(Machine.value(of: "model name", in: "processor\t: 0\nmodel name\t: Some: CPU\n") == "Some: CPU")
        #expect(Machine.megabytes("16384 kB") == 16)
        #expect(Machine.megabytes(nil) == 0)
        #expect(Machine.systemName("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n") == "Debian GNU/Linux 12")
    }

    @Test func `this machine and this process are found`() {
        #expect(Machine.current().cores > 0)
        #expect(Machine.current().memoryMegabytes > 0)
        let own = Int32(getpid())
        #expect(ProcessTable.now().tree([own]).contains(own))
        #expect(PeakMemory.megabytes([own]) > 1)
    }
}
