public import Model

/// Leads a zone's records to a site: shows, plans, changes, proves, and takes back.
public struct DNSSwitch: Sendable {
    /// A record that follows the active site.
    public struct Record: Sendable, Hashable {
        public let name: DNSName
        public let type: DNSType
        public let ttlSeconds: Int

        public init(_ name: DNSName, _ type: DNSType, ttlSeconds: Int) {
            (self.name, self.type, self.ttlSeconds) = (name, type, ttlSeconds)
        }
    }

    /// A place that records can lead to.
    public struct Site: Sendable, Hashable {
        public let name: String
        public let address: String

        public init(_ name: String, address: String) { (self.name, self.address) = (name, address) }
    }

    /// What came of a plan.
    public enum Outcome: String, Sendable, Hashable, Codable {
        /// It was carried out.
        case done
        /// Everything was so already: by an earlier run, or because there was nothing to do.
        case wasDone
    }

    public let provider: any DNSProviding
    public let records: [Record]
    public let sites: [Site]
    public let policy: DNSPolicy
    public let authorities: Authorities
    /// How long is waited for a change to show at the provider itself.
    let patience: Duration

    public init(
        provider: any DNSProviding, records: [Record], sites: [Site], policy: DNSPolicy = DNSPolicy(),
        authorities: Authorities, patience: Duration = .seconds(5)
    ) {
        (self.provider, self.records, self.sites) = (provider, records, sites)
        (self.policy, self.authorities, self.patience) = (policy, authorities, patience)
    }

    public var zone: DNSName { provider.zone }

    // MARK: Look

    /// The names of the records, and those between them and the apex.
    public var names: [DNSName] {
        Set(records.flatMap { [$0.name] + $0.name.ancestors(below: zone) }).sorted()
    }

    /// What the provider holds at the records' names. Changes nothing; proves the credentials.
    public func show() async throws(DNSError) -> DNSZoneView { try await provider.show(names) }

    /// The record sets that lead to a site.
    ///
    /// - Throws: `DNSError`, when there is no such site.
    public func wanted(for site: String) throws(DNSError) -> [DNSRecordSet] {
        guard let site = sites.first(where: { $0.name == site }) else {
            throw DNSError(
                .badSettings, "there is no site \"\(site)\"",
                hint: "the sites are \(sites.map(\.name).joined(separator: ", "))")
        }
        return records.map { DNSRecordSet($0.name, $0.type, ttlSeconds: $0.ttlSeconds, values: [site.address]) }
    }

    /// The site that all records lead to in a view; nil where they lead to none or to several.
    public func site(in view: DNSZoneView) -> String? {
        sites.first { site in
            records.allSatisfy {
                view[.init($0.name, $0.type)]?.values == [DNSValue.canonical(site.address, $0.type)]
            }
        }?.name
    }

    // MARK: Plan

    /// What would lead the records to a site, from how they are now.
    ///
    /// - Throws: `DNSError`, when the zone cannot be looked at; `DNSPlanRefused`, when there can be no such plan.
    public func plan(to site: String) async throws -> DNSPlan {
        try plan(to: site, seen: try await show())
    }

    /// The same from a view.
    public func plan(to site: String, seen view: DNSZoneView) throws -> DNSPlan {
        try DNSPlan.make(
            wanted: try wanted(for: site), site: site, seen: view, policy: policy,
            ttlSecondsRange: provider.ttlSecondsRange)
    }

    /// A plan from what the authoritative servers answer, for a person to carry out while the provider is out of reach. It
    /// knows nothing of records that are not answered; where no server answers either, it knows of none.
    public func manualPlan(to site: String) async throws -> DNSPlan {
        try plan(to: site, seen: await authorities.view(names))
    }

    /// The plan that takes one back.
    public func inverse(of plan: DNSPlan) -> DNSPlan { plan.inverse }

    /// What a person does by hand where the provider is out of reach.
    public func manualSteps(_ plan: DNSPlan) -> [String] { plan.manualSteps(at: provider.manualPlace) }

    // MARK: Apply

    /// Carries out a plan if the zone is still as it was seen, and makes sure at the provider that it was done. Running one
    /// again is safe: what is done stays, what is left is done. A plan without changes is looked at too: that nothing is to
    /// be done was true when it was made.
    ///
    /// - Throws: `DNSError`; its message tells in what state the zone is.
    @discardableResult
    public func apply(_ plan: DNSPlan) async throws(DNSError) -> Outcome {
        let view = try await provider.show(plan.names)
        let rest: DNSPlan
        switch plan.standing(in: view) {
        case .done: return .wasDone
        case .stale(let keys): throw .stale(keys, zone: zone)
        case .notBegun: rest = plan
        case .partly(_, let left): rest = plan.only(left)
        }
        do throws(DNSError) { try await provider.apply(rest, seen: view) } catch {
            // Only what may have happened is looked for: what cannot have, and what was looked at already, is told as it is.
            guard error.mayHaveChanged, error.kind != .partly else { throw error }
            return try await judge(plan, after: error)
        }
        return try await judge(plan, after: nil)
    }

    /// Looks at what became of a plan.
    ///
    /// - Parameter failure: what went wrong meanwhile, if anything did.
    private func judge(_ plan: DNSPlan, after failure: DNSError?) async throws(DNSError) -> Outcome {
        let end = ContinuousClock.now + patience
        var pause = Duration.milliseconds(50)
        while true {
            let view: DNSZoneView
            do throws(DNSError) { view = try await provider.show(plan.names) } catch {
                throw unknown(plan, failure, error)
            }
            switch plan.standing(in: view) {
            case .done: return .done
            case .notBegun where ContinuousClock.now < end, .partly where ContinuousClock.now < end:
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(1))
                if Task.isCancelled { throw unknown(plan, failure, nil) }
            case .notBegun: throw failure?.adding("; nothing was changed") ?? unchanged
            case .partly(let done, let left): throw partly(done, left, failure)
            case .stale(let keys):
                throw DNSError(
                    .stale,
                    "\(Self.listed(keys)) in zone \(zone) are neither as they were nor as they should be: somebody else changed them at the same time",
                    hint: "look at them with \"switchback dns show\", and make a new plan")
            }
        }
    }

    private var unchanged: DNSError {
        DNSError(
            .unchanged, "\(provider.title) said that it changed zone \(zone), and it did not: everything is as it was",
            hint: "change the records by hand: \"switchback dns plan --manual\" prints the steps")
    }

    private func partly(
        _ done: [DNSRecordSet.Key], _ left: [DNSRecordSet.Key], _ failure: DNSError?
    ) -> DNSError {
        let reason = failure.map { "\($0.message); " } ?? ""
        return DNSError(
            .partly,
            "\(reason)zone \(zone) is changed in part at \(provider.title): \(Self.listed(done)) done, \(Self.listed(left)) not",
            hint: "run the same plan again: it does what is left; or its inverse, which takes back what was done")
    }

    private func unknown(_ plan: DNSPlan, _ failure: DNSError?, _ look: DNSError?) -> DNSError {
        let what = failure?.message ?? "zone \(zone) was changed at \(provider.title)"
        let why = look.map { ": \($0.message)" } ?? ""
        return DNSError(
            .noAnswer, "\(what); whether it is done is not known, for it cannot be looked at\(why)",
            hint: "run the same plan again when the provider answers: it does only what is left")
    }

    private static func listed(_ keys: [DNSRecordSet.Key]) -> String {
        keys.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    }

    // MARK: Verify

    /// Asks every authoritative server once whether it answers as the plan wants.
    public func verify(_ plan: DNSPlan) async throws(DNSError) -> DNSVerification {
        try await authorities.verify(wanted: plan.wanted, unwanted: plan.unwanted)
    }

    /// Asks until every server answers as the plan wants, or the time is up; then what they answered last.
    public func verify(
        _ plan: DNSPlan, within limit: Duration, every pause: Duration = .seconds(1)
    ) async throws(DNSError) -> DNSVerification {
        let end = ContinuousClock.now + limit
        while true {
            let verification = try await verify(plan)
            if verification.isRight || ContinuousClock.now + pause >= end { return verification }
            do { try await Task.sleep(for: pause) } catch { return verification }
        }
    }
}
