import ArgumentParser
import DNSProviders
import Model
import Settings

/// The records that lead people to a site.
struct DNSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns", abstract: "Show, plan, change and prove the records that lead people to a site.",
        subcommands: [ShowDNS.self, PlanDNS.self, ApplyDNS.self, VerifyDNS.self])
}

/// Which site the records are to lead to.
struct DNSTarget: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The site that the records are to lead to; where they lead now when left out.", valueName: "name"))
    var site: String?

    /// That the site that is named is one, before anything is asked.
    func check(_ dns: DNSSwitch) throws {
        if let site { _ = try dns.wanted(for: site) }
    }

    /// The site, by name or from how the records are.
    func site(in view: DNSZoneView, _ dns: DNSSwitch) throws -> String {
        if let site { return site }
        if let site = dns.site(in: view) { return site }
        throw WrongUsage(
            "the records lead to no one site",
            hint: "name the one that they are to lead to: --site \(dns.sites.first?.name ?? "primary")")
    }
}

extension GlobalOptions {
    /// What moves the records.
    func dnsSwitch() throws -> DNSSwitch {
        let settings = try settings()
        guard let dns = settings.dns else {
            throw WrongUsage(
                "the configuration has no dns", hint: "add dns: with a provider and records; Docs/DNS.md shows how")
        }
        return try DNSSwitch(dns, sites: settings.sites)
    }
}

/// A record set as JSON has it.
struct DNSSetLine: Encodable {
    let name: String
    let type: String
    let ttl: Int
    let values: [String]

    init(_ set: DNSRecordSet) {
        (name, type, ttl, values) = ("\(set.name)", "\(set.type)", set.ttlSeconds, set.values)
    }
}

/// A plan as JSON has it.
struct DNSPlanDocument: Encodable {
    struct Change: Encodable {
        let action: String
        let name: String
        let type: String
        let before: DNSSetLine?
        let after: DNSSetLine?

        init(_ change: DNSChange) {
            action =
                switch change {
                case .create: "create"
                case .replace: "replace"
                case .remove: "remove"
                }
            (name, type) = ("\(change.key.name)", "\(change.key.type)")
            (before, after) = (change.before.map(DNSSetLine.init), change.after.map(DNSSetLine.init))
        }
    }

    let zone: String
    let provider: String
    let site: String?
    let checksum: String
    let changes: [Change]
    let notes: [String]
    let staleSecondsMax: Int
    let manualSteps: [String]

    init(_ plan: DNSPlan, _ dns: DNSSwitch) {
        (zone, provider, site, checksum) = ("\(plan.zone)", dns.provider.title, plan.site, plan.checksum)
        changes = plan.changes.map(Change.init)
        (notes, staleSecondsMax) = (plan.notes, plan.staleSecondsMax)
        manualSteps = dns.manualSteps(plan)
    }
}

/// What the name servers answer, as JSON has it.
struct DNSProof: Encodable {
    let right: Bool
    let servers: [DNSVerification.Server]

    init(_ verification: DNSVerification) { (right, servers) = (verification.isRight, verification.servers) }
}

struct ShowDNS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "What the provider holds at the records' names, and which site that leads to.")

    @OptionGroup var options: GlobalOptions

    private struct Foreign: Encodable {
        let name: String
        let type: String
        let reason: String
    }

    private struct Document: Encodable {
        let zone: String
        let provider: String
        let site: String?
        let recordSetsInZone: Int?
        let records: [DNSSetLine]
        let unchangeable: [Foreign]
    }

    func run() async throws {
        let dns = try options.dnsSwitch()
        let view = try await dns.show()
        let site = dns.site(in: view)
        let output = options.console
        output.say("zone \(dns.zone), \(dns.provider.title)")
        let width = view.sets.map { $0.name.shown(in: dns.zone).count }.max() ?? 0
        for set in view.sets {
            let name = set.name.shown(in: dns.zone)
            let space = String(repeating: " ", count: width - name.count + 1)
            output.say("  \(name)\(space)\(set.type) \(set.values.joined(separator: " ")), TTL \(set.ttlSeconds)")
        }
        for foreign in view.foreign {
            output.say("  \(foreign.key.name.shown(in: dns.zone)) \(foreign.key.type) \(foreign.reason)")
        }
        output.say(site.map { "the records lead to site \($0)" } ?? "the records lead to no one site")
        try output.result(
            Document(
                zone: "\(dns.zone)", provider: dns.provider.title, site: site, recordSetsInZone: view.setsInZone,
                records: view.sets.map(DNSSetLine.init),
                unchangeable: view.foreign.map {
                    Foreign(name: "\($0.key.name)", type: "\($0.key.type)", reason: $0.reason)
                }))
    }
}

struct PlanDNS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "What would be changed; nothing is.",
        discussion: "Exit status 3 when something would be changed.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: DNSTarget
    @Flag(
        help: "Print what a person does by hand; works from what the name servers answer where the provider does not.")
    var manual = false

    func run() async throws {
        let dns = try options.dnsSwitch()
        try target.check(dns)
        let plan = try await plan(dns)
        let output = options.console
        if manual {
            for (index, step) in dns.manualSteps(plan).enumerated() { output.say("\(index + 1). \(step)") }
        } else {
            for line in plan.lines { output.say(line) }
        }
        try output.result(DNSPlanDocument(plan, dns))
        if !plan.isEmpty { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    private func plan(_ dns: DNSSwitch) async throws -> DNSPlan {
        do {
            let view = try await dns.show()
            return try dns.plan(to: try target.site(in: view, dns), seen: view)
        } catch let error as DNSError where manual && error.kind != .badSettings {
            guard let site = target.site else { throw error }
            Failure.tell(error)
            options.console.say("from what the name servers answer:")
            return try await dns.manualPlan(to: site)
        }
    }
}

struct ApplyDNS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Change the records, and prove it at every authoritative name server.",
        discussion: """
            The change is made only while the zone is as the plan saw it. Exit status 3 when it was made and a name server \
            does not answer so within the time.
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: DNSTarget
    @Flag(help: "Do not ask.") var yes = false
    @Option(help: ArgumentHelp("Only if the plan is still the one with this checksum.", valueName: "checksum"))
    var checksum: String?
    @Option(help: ArgumentHelp("How long to wait for the name servers.", valueName: "seconds")) var timeout = 60

    private struct Document: Encodable {
        let outcome: DNSSwitch.Outcome
        let plan: DNSPlanDocument
        let proof: DNSProof
    }

    func run() async throws {
        guard timeout >= 0 else { throw WrongUsage("--timeout takes a number of seconds from 0") }
        let dns = try options.dnsSwitch()
        try target.check(dns)
        let view = try await dns.show()
        let plan = try dns.plan(to: try target.site(in: view, dns), seen: view)
        let output = options.console
        for line in plan.lines { output.say(line) }
        if let checksum, checksum != plan.checksum {
            throw Failed(
                "the plan is no longer the one with checksum \(checksum): it is \(plan.checksum) now; nothing was done",
                hint: "look at it again: \"switchback dns plan\"")
        }
        if !plan.isEmpty { try await Confirmation.ask("carry it out?", yes: yes, output) }
        let outcome = try await apply(plan, dns)
        if !plan.isEmpty { output.say(outcome == .done ? "changed" : "was changed already") }
        let proof = try await dns.verify(plan, within: .seconds(timeout))
        for line in proof.lines { output.say(line) }
        try output.result(Document(outcome: outcome, plan: DNSPlanDocument(plan, dns), proof: DNSProof(proof)))
        if !proof.isRight { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    /// Where the provider fails, a person may have to do it: the steps are told with the error.
    private func apply(_ plan: DNSPlan, _ dns: DNSSwitch) async throws -> DNSSwitch.Outcome {
        do { return try await dns.apply(plan) } catch {
            if error.kind != .stale {
                options.console.say("by hand it would be:")
                for (index, step) in dns.manualSteps(plan).enumerated() { options.console.say("\(index + 1). \(step)") }
            }
            throw error
        }
    }
}

struct VerifyDNS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Ask every authoritative name server whether it leads people to a site.",
        discussion: "Exit status 3 when one of them does not.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var target: DNSTarget

    private struct Document: Encodable {
        let zone: String
        let site: String
        let right: Bool
        let servers: [DNSVerification.Server]
    }

    func run() async throws {
        let dns = try options.dnsSwitch()
        try target.check(dns)
        let site: String
        if let given = target.site { site = given } else { site = try target.site(in: try await dns.show(), dns) }
        let proof = try await dns.authorities.verify(wanted: try dns.wanted(for: site), unwanted: [])
        for line in proof.lines { options.console.say(line) }
        options.console.say(proof.isRight ? "all of them lead to site \(site)" : "not all of them lead to site \(site)")
        try options.console.result(
            Document(zone: "\(dns.zone)", site: site, right: proof.isRight, servers: proof.servers))
        if !proof.isRight { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }
}
