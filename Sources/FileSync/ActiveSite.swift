/// Where the site is: which place is active, and since which move.
public struct ActiveSite: Sendable, Hashable {
    public let site: String
    /// Grows with every move.
    public let epoch: Int

    public init(site: String, epoch: Int) {
        self.site = site
        self.epoch = epoch
    }
}

/// Somebody who knows where the site is. A job asks before each run.
public protocol ActiveSiteSource: Sendable {
    /// - Throws: ``ActiveSiteUnknown`` when it cannot be known, or what else went wrong; then nothing moves.
    func activeSite() async throws -> ActiveSite
}

/// It cannot be told which site is active; nothing moves then.
public struct ActiveSiteUnknown: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Where nothing ever moves: the site that the files come from is the active one.
public struct FixedActiveSite: ActiveSiteSource {
    private let answer: ActiveSite

    public init(site: String, epoch: Int = 0) { answer = ActiveSite(site: site, epoch: epoch) }

    public func activeSite() async throws -> ActiveSite { answer }
}
