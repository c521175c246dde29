import Glibc
import Model
import Settings

/// Looks at when a file was written last.
struct FileAgeProbe: HealthProbe {
    let check: FileAgeCheck

    func look() async -> CheckFinding {
        // A file system that hangs would hold up a thread of Swift's pool: a thread of its own waits for it.
        let path = check.path
        let answer = await onOwnThread { Self.modified(path) }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        switch answer {
        case nil: return .unknown("could not start a thread to look at \(path)")
        case .failure(let number)?:
            let reason = String(cString: strerror(number.code))
            return number.code == ENOENT
                ? .down("\(path) is not there") : .unknown("could not look at \(path): \(reason)")
        case .success(let seconds)?: return judge(age: Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - seconds)
        }
    }

    /// - Parameter age: in seconds; negative when the file is of the future.
    func judge(age: Double) -> CheckFinding {
        let shown = (age * 10).rounded() / 10
        let performance = [
            PerformanceDatum("age", shown, unit: "s", critical: "\(check.ageMax.seconds)")
        ]
        // A file of the future says that a clock is wrong, and nothing of when it was written.
        if age < -check.ageMax.seconds { return .unknown("was written \(-shown) s in the future", performance) }
        if age > check.ageMax.seconds {
            return .down("was written \(shown) s ago, more than \(check.ageMax)", performance)
        }
        return .up("was written \(max(0, shown)) s ago", performance)
    }

    private struct Failure: Error { let code: Int32 }

    private static func modified(_ path: String) -> Result<Double, Failure> {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return .failure(Failure(code: errno)) }
        return .success(Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9)
    }
}
