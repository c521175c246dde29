import CPlatform
import Glibc
import Synchronization

/// Follows a tree on this machine by inotify, on a thread of its own, and gathers what changed.
///
/// The thread sleeps in poll(2) while nothing happens: a tree at rest costs nothing, however many files it has.
final class TreeWatcher: Sendable {
    /// What has gathered since it was last asked.
    struct Gathered: Sendable {
        var paths: Set<TreePath> = []
        /// Events were lost, or it has only begun: only a full pass tells what changed.
        var everything = false
        /// The tree went away.
        var rootLost = false

        var isEmpty: Bool { paths.isEmpty && !everything && !rootLost }

        mutating func formUnion(_ later: Gathered) {
            paths.formUnion(later.paths)
            everything = everything || later.everything
            rootLost = rootLost || later.rootLost
        }
    }

    /// What the thread and whoever asks share.
    private struct State {
        var gathered = Gathered()
        /// Why some folder is not watched.
        var failure: FileSyncError?
        var isToTryAgain = false
        var isToEnd = false
    }

    /// Which folder it is, whatever leads there: where another file system is mounted on it, or one is taken off, it is another.
    private struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64

        /// - Returns: nil when there is none.
        init?(_ path: String) {
            var state = stat()
            guard stat(path, &state) == 0 else { return nil }
            device = UInt64(state.st_dev)
            inode = UInt64(state.st_ino)
        }
    }

    private let root: String
    private let identity: Identity?
    /// More paths than this at once are a full pass.
    private let pathsMax: Int
    /// How many folders may be watched; what the system allows may be less.
    private let watchesMax: Int
    private let descriptor: Int32
    /// Wakes the thread when it is to do something else than to listen.
    private let waker: Int32
    private let state = Mutex(State())
    /// Rings when something has gathered.
    let bell: Bell

    /// Begins to watch; returns when every folder is watched.
    ///
    /// - Throws: `FileSyncError` when there are not enough watches, or no tree.
    static func start(
        _ root: String, filter: PathFilter, bell: Bell = Bell(), pathsMax: Int = 20_000, watchesMax: Int = .max
    ) async throws -> TreeWatcher {
        // Looked at before it is watched: what is mounted in between is noticed at the next look.
        let identity = try await BlockingWork.run("sb-watch") { Identity(root) }
        let watcher = try TreeWatcher(root, identity, bell, pathsMax: pathsMax, watchesMax: watchesMax)
        let begun = AsyncStream<Result<Void, FileSyncError>>.makeStream()
        BlockingWork.start("sb-watch") { [watcher] in
            var work = Work(watcher: watcher, tree: WatchTree(filter: filter))
            do throws(FileSyncError) { try work.watch(TreePath([]), tellContent: false) } catch {
                begun.continuation.yield(.failure(error))
                begun.continuation.finish()
                return
            }
            begun.continuation.yield(.success(()))
            begun.continuation.finish()
            work.run()
        }
        for await result in begun.stream { try result.get() }
        return watcher
    }

    private init(_ root: String, _ identity: Identity?, _ bell: Bell, pathsMax: Int, watchesMax: Int) throws {
        self.root = root
        self.identity = identity
        self.pathsMax = pathsMax
        self.watchesMax = watchesMax
        self.bell = bell
        descriptor = switchback_inotify()
        guard descriptor >= 0 else {
            throw FileSyncError(
                .failed, "could not watch \(root): \(systemText(errno))",
                hint: "raise fs.inotify.max_user_instances: \"sysctl fs.inotify.max_user_instances=512\"")
        }
        waker = switchback_eventfd()
    }

    deinit {
        close(descriptor)
        if waker >= 0 { close(waker) }
    }

    /// What has gathered; from now on it gathers anew.
    func take() -> Gathered {
        state.withLock { state in
            defer { state.gathered = Gathered() }
            return state.gathered
        }
    }

    /// Whether what has gathered needs a full pass.
    var owesEverything: Bool { state.withLock { $0.gathered.everything } }

    /// Why some folder is not watched; nil when all are.
    var failure: FileSyncError? { state.withLock { $0.failure } }

    /// Whether what it watches is what lies at the root now. A file system that was mounted on it since makes no event.
    func isAtRoot() async -> Bool {
        let root = root
        let now = try? await BlockingWork.run("sb-watch") { Identity(root) }
        return now == identity
    }

    /// Has the thread watch what it could not.
    func tryAgain() {
        state.withLock { $0.isToTryAgain = true }
        wake()
    }

    /// Ends the thread.
    func stop() {
        state.withLock { $0.isToEnd = true }
        wake()
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(waker, &one, 8)
    }

    private var isAskedToEnd: Bool { state.withLock { $0.isToEnd } }

    private func isAskedToTryAgain() -> Bool {
        state.withLock { state in
            defer { state.isToTryAgain = false }
            return state.isToTryAgain
        }
    }

    /// Notes why some folder is not watched, the first reason of several; nil when all are.
    private func noteFailure(_ failure: FileSyncError?) {
        state.withLock { $0.failure = failure == nil ? nil : $0.failure ?? failure }
    }

    private func note(_ body: (inout Gathered) -> Void) {
        state.withLock { state in
            body(&state.gathered)
            if state.gathered.paths.count > pathsMax {
                state.gathered.paths = []
                state.gathered.everything = true
            }
        }
        bell.ring()
    }

    /// What the thread has.
    private struct Work {
        let watcher: TreeWatcher
        var tree: WatchTree
        /// Folders that could not be watched with all below them.
        var missed: Set<TreePath> = []

        mutating func run() {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while wait() {
                if watcher.isAskedToTryAgain() { tryAgain() }
                let count = read(watcher.descriptor, &buffer, buffer.count)
                if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
                guard count > 0 else { break }
                for event in Self.events(buffer[0..<count]) { hear(event) }
            }
        }

        /// Sleeps until there is something to read or to do; false when it is to end.
        private func wait() -> Bool {
            var entries = [
                pollfd(fd: watcher.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watcher.waker, events: Int16(POLLIN), revents: 0),
            ]
            while poll(&entries, 2, -1) < 0 { guard errno == EINTR else { return false } }
            var rings: UInt64 = 0
            if entries[1].revents != 0 { _ = read(watcher.waker, &rings, 8) }
            return !watcher.isAskedToEnd
        }

        private static func events(_ bytes: ArraySlice<UInt8>) -> [WatchTree.Event] {
            bytes.withUnsafeBytes { buffer in
                var events: [WatchTree.Event] = []
                var place = 0
                while place < buffer.count {
                    var watch: Int32 = 0
                    var mask: UInt32 = 0
                    var name: UnsafePointer<CChar>?
                    let taken = switchback_inotify_event(
                        buffer.baseAddress! + place, buffer.count - place, &watch, &mask, &name)
                    guard taken > 0, let name else { break }
                    let bytes = Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
                    events.append(WatchTree.Event(watch: watch, mask: mask, name: bytes))
                    place += taken
                }
                return events
            }
        }

        private mutating func hear(_ event: WatchTree.Event) {
            for action in tree.hear(event) {
                switch action {
                case .changed(let path): watcher.note { $0.paths.insert(path) }
                case .everything: rebuild()
                case .rootLost: watcher.note { $0.rootLost = true }
                case .forget(let watch): _ = switchback_inotify_forget(watcher.descriptor, watch)
                case .watch(let folder):
                    // What cannot be watched is found by the full pass that follows.
                    if !watchLate(folder) { watcher.note { $0.everything = true } }
                }
            }
        }

        /// After lost events: folders may have come that nobody watches.
        private mutating func rebuild() {
            _ = watchLate(TreePath([]), tellContent: false)
            watcher.note { $0.everything = true }
        }

        /// Watches what came while it runs. What cannot be watched is kept in mind, and so is why.
        /// - Returns: whether it is watched.
        private mutating func watchLate(_ folder: TreePath, tellContent: Bool = true) -> Bool {
            do throws(FileSyncError) { try watch(folder, tellContent: tellContent) } catch {
                missed.insert(folder)
                watcher.noteFailure(error)
                return false
            }
            missed.remove(folder)
            return true
        }

        /// Whatever came into these folders meanwhile is told once they are watched. Where they still are not, nothing is: the full
        /// pass that asked for it finds it, and would be followed by another for ever.
        private mutating func tryAgain() {
            for folder in missed.sorted() { _ = watchLate(folder) }
            if missed.isEmpty { watcher.noteFailure(nil) }
        }

        /// Watches a folder and all below it. First the watch, then the look: what comes in between is seen twice, and
        /// nothing is missed.
        mutating func watch(_ folder: TreePath, tellContent: Bool) throws(FileSyncError) {
            var folders = [folder]
            var seen: Set<TreePath> = []
            while let next = folders.popLast() {
                guard try add(next) else { continue }
                for (path, isFolder) in content(of: next) where !tree.filter.excludes(path, isFolder: isFolder) {
                    if isFolder { folders.append(path) }
                    if tellContent { seen.insert(path) }
                }
            }
            if !seen.isEmpty { watcher.note { [seen] in $0.paths.formUnion(seen) } }
        }

        /// - Returns: false when it has gone away, or is no folder any more.
        private mutating func add(_ folder: TreePath) throws(FileSyncError) -> Bool {
            let path = Array(watcher.root.utf8) + folder.bytes + [0]
            var reason = ENOSPC
            if tree.count < watcher.watchesMax || tree.isWatched(folder) {
                let watch = path.withUnsafeBytes {
                    switchback_inotify_watch(
                        watcher.descriptor, $0.baseAddress!.assumingMemoryBound(to: CChar.self), WatchTree.Mask.wanted)
                }
                if watch >= 0 {
                    tree.add(watch, folder)
                    return true
                }
                reason = errno
            }
            if !folder.bytes.isEmpty, reason == ENOENT || reason == ENOTDIR { return false }
            throw FileSyncError(
                .failed, "could not watch \(watcher.root)\(folder): \(systemText(reason))",
                hint: reason == ENOSPC
                    ? "a watch is needed for every folder: raise fs.inotify.max_user_watches with sysctl" : nil)
        }

        private func content(of folder: TreePath) -> [(TreePath, isFolder: Bool)] {
            let path = Array(watcher.root.utf8) + folder.bytes + [0]
            let opened = path.withUnsafeBytes { opendir($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
            guard let opened else { return [] }
            defer { closedir(opened) }
            var all: [(TreePath, isFolder: Bool)] = []
            while let entry = readdir(opened) {
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                        let length = strlen(name)
                        if name[0] == 0x2E, length == 1 || (length == 2 && name[1] == 0x2E) { return }
                        let path = folder.appending(Array(UnsafeRawBufferPointer(start: name, count: length)))
                        var isFolder = entry.pointee.d_type == UInt8(DT_DIR)
                        if entry.pointee.d_type == UInt8(DT_UNKNOWN) {
                            var state = stat()
                            isFolder =
                                fstatat(dirfd(opened), name, &state, AT_SYMLINK_NOFOLLOW) == 0
                                && state.st_mode & S_IFMT == S_IFDIR
                        }
                        all.append((path, isFolder))
                    }
                }
            }
            return all
        }
    }
}
