/// The five fields of a cron expression: minute, hour, day of the month, month, day of the week.
public struct CronSchedule: Sendable, Hashable {
    /// A minute on the wall's clock.
    public struct Minute: Sendable, Hashable, Comparable {
        public var year: Int
        public var month: Int
        public var day: Int
        public var hour: Int
        public var minute: Int

        public init(year: Int, month: Int, day: Int, hour: Int, minute: Int) {
            self.year = year
            self.month = month
            self.day = day
            self.hour = hour
            self.minute = minute
        }

        private var order: Int { (((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute }
        public static func < (left: Minute, right: Minute) -> Bool { left.order < right.order }
    }

    /// Why a text is no cron expression.
    public struct Malformed: Error, Sendable, Hashable { public let reason: String }

    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    /// Whether either of the two matching is enough: so it is when neither is `*`.
    private let daysOrWeekdays: Bool

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let shorthands = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads `15 3 * * sun`, `*/5 * * * *`, `@weekly`.
    public init(_ text: String) throws(Malformed) {
        let fields = (Self.shorthands[text.lowercased()] ?? text).split { $0 == " " || $0 == "\t" }.map(String.init)
        guard fields.count == 5 else {
            throw Malformed(reason: "has \(fields.count) fields, and a cron expression has five")
        }
        minutes = try Self.field(fields[0], 0...59, "minute")
        hours = try Self.field(fields[1], 0...23, "hour")
        days = try Self.field(fields[2], 1...31, "day")
        months = try Self.field(fields[3], 1...12, "month", names: Self.monthNames, first: 1)
        let week = try Self.field(fields[4], 0...7, "weekday", names: Self.weekdayNames, first: 0)
        weekdays = Set(week.map { $0 % 7 })
        daysOrWeekdays = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        let anyYear = (2024...2031).contains { year in
            months.contains { month in days.contains { $0 <= Self.length(ofMonth: month, year) } }
        }
        guard anyYear || daysOrWeekdays else { throw Malformed(reason: "names a day that no month of it has") }
    }

    private static func field(
        _ text: String, _ range: ClosedRange<Int>, _ name: String, names: [String] = [], first: Int = 0
    ) throws(Malformed) -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard let head = halves.first, halves.count <= 2 else { throw bad(part, name, range) }
            let step = halves.count == 2 ? Int(halves[1]) : 1
            guard let step, step > 0 else { throw bad(part, name, range) }
            var low = range.lowerBound
            var high = range.upperBound
            if head != "*" {
                let ends = head.split(separator: "-", omittingEmptySubsequences: false).map { word in
                    names.firstIndex(of: word.lowercased()).map { $0 + first } ?? Int(word)
                }
                guard ends.count <= 2, let start = ends[0], let end = ends[ends.count - 1], start <= end,
                    range.contains(start), range.contains(end)
                else { throw bad(part, name, range) }
                low = start
                if ends.count == 2 || halves.count == 1 { high = end }
            }
            values.formUnion(stride(from: low, through: high, by: step))
        }
        return values
    }

    private static func bad(_ part: Substring, _ name: String, _ range: ClosedRange<Int>) -> Malformed {
        Malformed(reason: "has no \(name) \(part): it takes \(range.lowerBound) to \(range.upperBound)")
    }

    /// The first minute after one that it names.
    public func next(after moment: Minute) -> Minute {
        var day = (moment.year, moment.month, moment.day)
        var earliest = moment.hour * 60 + moment.minute + 1
        // Every combination of day and weekday comes within 28 years and one leap day that is left out.
        for _ in 0..<366 * 41 {
            if matches(day), let time = firstTime(from: earliest) {
                return Minute(year: day.0, month: day.1, day: day.2, hour: time / 60, minute: time % 60)
            }
            day = Self.following(day)
            earliest = 0
        }
        preconditionFailure("a cron expression that names no day was taken")
    }

    private func firstTime(from earliest: Int) -> Int? {
        (earliest..<1440).first { hours.contains($0 / 60) && minutes.contains($0 % 60) }
    }

    private func matches(_ day: (Int, Int, Int)) -> Bool {
        guard months.contains(day.1) else { return false }
        let isDay = days.contains(day.2)
        let isWeekday = weekdays.contains(Self.weekday(day))
        return daysOrWeekdays ? isDay || isWeekday : isDay && isWeekday
    }

    static func length(ofMonth month: Int, _ year: Int) -> Int {
        if month == 2 { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func following(_ day: (Int, Int, Int)) -> (Int, Int, Int) {
        if day.2 < length(ofMonth: day.1, day.0) { return (day.0, day.1, day.2 + 1) }
        return day.1 < 12 ? (day.0, day.1 + 1, 1) : (day.0 + 1, 1, 1)
    }

    /// 0 is Sunday (Sakamoto's method).
    static func weekday(_ day: (Int, Int, Int)) -> Int {
        let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = day.1 < 3 ? day.0 - 1 : day.0
        return (year + year / 4 - year / 100 + year / 400 + offsets[day.1 - 1] + day.2) % 7
    }
}
