extension SiteLease {
    /// Takes it, within a time.
    ///
    /// - Throws: `StepFailure` that says who has it, or that nobody answered.
    func take(within limit: Duration) async throws -> any LeaseHold {
        let lease = self
        return try await within(limit, "the lease") { () -> any LeaseHold in
            let hold = try await lease.take()
            guard Task.isCancelled else { return hold }
            // It came too late: nobody waits for it, and it must not keep others out.
            await Task.detached { await hold.release() }.value
            throw CancellationError()
        }
    }
}

extension LeaseHold {
    /// Gives it back, also when the task was cancelled.
    func release(within limit: Duration) async {
        let hold = self
        await Task.detached { _ = await limited(to: limit) { await hold.release() } }.value
    }
}
