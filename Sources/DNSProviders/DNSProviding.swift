public import Model

/// Who holds a zone's records and changes them: the one thing that differs between providers.
///
/// What all of them do alike is in ``DNSSwitch``: it looks before a change and after it, and proves it at the name servers.
public protocol DNSProviding: Sendable {
    var zone: DNSName { get }

    /// What errors and people call it: `name server 192.0.2.53`.
    var title: String { get }

    /// The TTLs that it can carry, in seconds.
    var ttlSecondsRange: ClosedRange<Int> { get }

    /// Where a person edits the zone when this provider cannot.
    var manualPlace: DNSManualPlace { get }

    /// What is there at these names; a read that changes nothing. It proves the credentials where the provider asks for
    /// them.
    ///
    /// - Throws: `DNSError`.
    func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView

    /// Carries out changes together, while what is there is still what was there before them.
    ///
    /// Where the provider can compare and swap, it does. Where it cannot, the caller has compared just now.
    ///
    /// - Parameter plan: not empty; it has not begun in the view.
    /// - Throws: `DNSError`; its kind tells whether anything may have been changed.
    func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError)
}
