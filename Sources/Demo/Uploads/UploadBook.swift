/// What people remember of the files that they handed in.
struct UploadBook: Sendable {
    /// By path each content that nobody who had seen it has replaced. Where two sites write that cannot see each other there
    /// may be two.
    private(set) var versions: [String: Set<String>] = [:]
    /// What people took away again.
    private(set) var withdrawn: Set<String> = []
    private var begun = 0

    var paths: Set<String> { Set(versions.keys) }

    /// A path for a file that is about to be handed in. It is nobody else's, whatever becomes of it.
    mutating func begin() -> String {
        begun += 1
        return "2026/item-\(begun % 12 + 1)/upload-\(begun).csv"
    }

    /// It was acknowledged.
    mutating func handedIn(_ path: String, _ text: String) { versions[path] = [text] }

    /// Somebody wrote another content over one that was there.
    mutating func changed(_ path: String, from seen: String, to text: String) {
        versions[path, default: []].remove(seen)
        versions[path, default: []].insert(text)
    }

    mutating func withdraw(_ path: String) {
        versions[path] = nil
        withdrawn.insert(path)
    }
}
