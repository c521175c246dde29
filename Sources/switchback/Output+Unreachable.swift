import ArgumentParser

extension Output {
    /// Names the nodes that could not be asked, with why: what is not known is said, and is no success.
    ///
    /// - Throws: the exit status of a failure, when there are some.
    func tell(unreachable: [String: String]) throws {
        for (node, why) in unreachable.sorted(by: { $0.key < $1.key }) { say("\(node) could not be asked: \(why)") }
        if !unreachable.isEmpty { throw ExitCode(Failure.Status.failed.rawValue) }
    }
}
