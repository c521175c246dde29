/// The steps that plans are made of.
public enum StepName: String, Sendable, Codable, CaseIterable, Hashable {
    /// The active site is down, and the other one can take over.
    case confirm
    /// Both sites answer, and the streams between them move.
    case ready
    /// What the site that comes back had taken and never sent is counted.
    case assess
    /// It is brought over, and conflicts are settled by rule.
    case merge
    /// The site that is to take over gets what it lacks.
    case catchUp = "catch_up"
    /// The rows of both sites are compared.
    case compare
    /// What can be tried without effect is tried.
    case rehearse
    /// Files are carried while writing goes on.
    case filesAhead = "files_ahead"
    /// What is on its way is little enough to be brought over while nobody can write.
    case lastLook = "last_look"
    /// The user's program that stops the old site's services.
    case fenceHook = "fence_hook"
    /// The old site's database refuses application writes.
    case fence
    /// The last changes of the old site arrive.
    case drain
    /// Changes of an old site that could not be fenced wait until it is.
    case hold
    /// Nothing of an older epoch comes into the new site's trees any more.
    case filesFreeze = "files_freeze"
    /// The last pass over the files.
    case filesLast = "files_last"
    /// The new site's database takes application writes.
    case promote
    /// The user's program that starts the new site's services.
    case promoteHook = "promote_hook"
    /// A write at the new site, and a look at it as people see it.
    case verify
    /// The names lead to the new site.
    case dns
    /// Every authoritative server says so.
    case dnsVerify = "dns_verify"
    /// Whoever still has the old address has time to lose it.
    case linger
    /// Files are carried the other way, and nothing is held back any more.
    case rearm
}

extension StepName {
    /// The steps of a plan, in order, before those are left out that the configuration has no use for.
    public static func sequence(of kind: PlanKind, mode: ReturnMode) -> [StepName] {
        switch (kind, mode) {
        case (.failover, _):
            [
                .confirm, .fenceHook, .fence, .drain, .hold, .filesFreeze, .promote, .promoteHook, .verify, .dns,
                .dnsVerify,
            ]
        case (.switchover, _):
            [.ready, .catchUp, .rehearse, .filesAhead] + change
        case (.failback, .freeze):
            [.ready, .assess, .merge, .catchUp, .compare, .rehearse, .filesAhead] + change
        case (.failback, .overlap):
            [
                .ready, .assess, .merge, .catchUp, .compare, .rehearse, .filesAhead, .promote, .promoteHook, .verify,
                .dns, .dnsVerify, .linger, .fenceHook, .fence, .drain, .filesLast, .rearm,
            ]
        }
    }

    /// How the roles change without a row lost: writes stop, what is left arrives, writes begin at the other site.
    private static let change: [StepName] = [
        .lastLook, .fenceHook, .fence, .drain, .filesLast, .promote, .promoteHook, .verify, .dns, .dnsVerify, .rearm,
    ]
}
