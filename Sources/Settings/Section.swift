/// A mapping whose keys are known. Unknown ones are reported when it is made.
struct Section {
    let value: Value
    let keys: Keys
    private let values: [String: Value]
    /// Whether every key was known.
    let isKnownOnly: Bool

    init(_ pairs: [(key: Value, value: Value)], of value: Value, keys: Keys) {
        self.value = value
        self.keys = keys
        var values: [String: Value] = [:]
        for (key, element) in pairs {
            guard let name = key.tree.text, keys.names.contains(name) else {
                Self.reportUnknown(key, in: value, keys: keys)
                continue
            }
            values[name] = Value(
                element.tree, path: element.path, keyPlace: key.place, example: keys.example(of: name),
                reading: value.reading)
        }
        self.values = values
        isKnownOnly = values.count == pairs.count
    }

    /// The value of a key; nil when it is not there.
    subscript(_ key: String) -> Value? {
        precondition(keys.names.contains(key), "\(key) is not declared in Keys")
        return values[key]
    }

    /// The value of a key that must be there.
    func required(_ key: String) -> Value? {
        if let value = self[key] { return value }
        let example = keys.example(of: key) ?? key
        if value.path.isEmpty {
            value.reading.report(nil, "the key \(key) is missing", remedy: "add \(example)")
        } else {
            value.report("has no \(key)", remedy: "add \(example)")
        }
        return nil
    }

    private static func reportUnknown(_ key: Value, in section: Value, keys: Keys) {
        let place = section.path.isEmpty ? "" : " in \(section.path)"
        guard let name = key.tree.text else {
            key.reading.report(
                key.place, "a key\(place) is not a text", remedy: "known here: \(keys.names.joined(separator: ", "))")
            return
        }
        var remedy = Reading.suggestion(for: name, among: keys.names)
        let homes = Keys.homes(of: name)
        if name == "<<" {
            remedy = "write the keys out, or give a whole value by an alias; merge keys are not read"
        } else if let first = homes.first,
            !(Nearest.to(name, among: keys.names).map { Nearest.isAlike(name, $0) } ?? false)
        {
            let other = homes.count > 1 ? " and \(homes[1])" : ""
            remedy = "\(name) is a key of \(first)\(other); " + remedy
        }
        key.reading.report(key.place, "unknown key \(Reading.shown(name))\(place)", remedy: remedy)
    }
}
