/// Waits until something holds; false when it has not come to hold within the limit.
public func eventually(
    within limit: Duration = .seconds(60), _ holds: () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await holds() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await holds()
}
