import CLibSSH2
import Fleet
import Glibc
import Synchronization

/// Keeps connections for the commands of one user, one program and one environment, each for as long as its command wants,
/// and ends when there is nothing to keep, or when its socket's file is gone.
public final class ConnectionKeeper: Sendable {
    private struct State {
        var watches: [Watch] = []
        var ending: CheckedContinuation<Void, Never>?
        var isOver = false
    }

    private let listener: Int32
    private let path: String
    private let inode: UInt64
    /// Tells when something happens to the socket's file.
    private let witness: Int32
    private let loop = LoopGroup.shared.next()
    private let state = Mutex(State())

    /// - Parameter listener: A socket that listens at a path, for this user alone.
    init?(listener: Int32) {
        guard let path = UnixSocket.path(of: listener), let inode = Self.inode(of: path) else { return nil }
        witness = inotify_init1(O_NONBLOCK | O_CLOEXEC)
        guard witness >= 0 else { return nil }
        inotify_add_watch(witness, path, UInt32(IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF))
        (self.listener, self.path, self.inode) = (listener, path, inode)
    }

    private static func inode(of path: String) -> UInt64? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid() else {
            return nil
        }
        return UInt64(status.st_ino)
    }

    /// Serves who comes to the listener that this process was started with, to the end.
    /// - Returns: Whether there was one.
    public static func serve() async -> Bool {
        drover_hide_memory()
        _ = fcntl(KeeperStart.listener, F_SETFD, FD_CLOEXEC)
        guard let keeper = ConnectionKeeper(listener: KeeperStart.listener) else { return false }
        await keeper.run()
        return true
    }

    /// Serves who comes, to the end.
    func run() async {
        let connections = KeptConnections { [weak self] in self?.end() }
        await connections.begin()
        await withCheckedContinuation { continuation in
            state.withLock { $0.ending = continuation }
            loop.post { [self] in listen(connections) }
        }
    }

    private func listen(_ connections: KeptConnections) {
        let listening = loop.watch(listener, for: .reading) { [weak self] _ in self?.accept(connections) }
        let witnessing = loop.watch(witness, for: .reading) { [weak self] _ in self?.look(connections) }
        state.withLock { $0.watches = [listening, witnessing] }
    }

    // MARK: Who comes

    private func accept(_ connections: KeptConnections) {
        while let descriptor = UnixSocket.accepted(by: listener) {
            guard let peer = UnixSocket.peer(of: descriptor), peer.user == geteuid() else {
                close(descriptor)
                continue
            }
            Task {
                await connections.conversationBegan()
                let conversation = KeeperConversation(
                    descriptor, with: peer.process, over: connections, on: LoopGroup.shared.next()
                ) {
                    Task { await connections.conversationEnded() }
                }
                await conversation.begin()
            }
        }
        if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) { pause(connections) }
    }

    /// Without descriptors nobody can be heard, and whoever knocks would be noticed over and over.
    private func pause(_ connections: KeptConnections) {
        guard let watch = state.withLock({ $0.watches.first }) else { return }
        loop.adjust(watch, to: [])
        _ = loop.after(.seconds(1)) { [weak self] in
            guard let self, !self.state.withLock(\.isOver) else { return }
            self.loop.adjust(watch, to: .reading)
        }
    }

    // MARK: Ends

    /// Whoever takes the socket's file away wants an end.
    private func look(_ connections: KeptConnections) {
        while read(witness, loop.scratch.baseAddress, loop.scratch.count) > 0 {}
        guard Self.inode(of: path) != inode else { return }
        Task { await connections.windUp() }
    }

    private func end() {
        loop.post { [self] in
            let ending = state.withLock { state in
                state.isOver = true
                defer { (state.watches, state.ending) = ([], nil) }
                for watch in state.watches { loop.end(watch) }
                return state.ending
            }
            guard let ending else { return }
            // Whoever comes now finds nobody, and starts another one.
            if Self.inode(of: path) == inode { unlink(path) }
            close(listener)
            close(witness)
            ending.resume()
        }
    }
}
