#if canImport(Glibc)
    import Glibc
#endif

/// The machine's clock: the one place where this module reads it.
enum WallClock {
    /// Seconds since 1970.
    static func seconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
