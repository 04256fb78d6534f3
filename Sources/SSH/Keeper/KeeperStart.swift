import CLibSSH2
import Glibc

/// Finds the keeper of a place, which is started where there is none. It blocks for a moment.
struct KeeperStart: Sendable {
    let place: KeeperPlace
    /// Starts a keeper that listens on a descriptor; whether it could be started.
    let start: @Sendable (_ listener: Int32, _ place: KeeperPlace) -> Bool

    /// The descriptor that a keeper finds its listener at.
    static let listener: Int32 = 3

    init(_ place: KeeperPlace, start: @escaping @Sendable (Int32, KeeperPlace) -> Bool = KeeperStart.startThisProgram) {
        (self.place, self.start) = (place, start)
    }

    /// A socket that is connected to the keeper; `nil` where there can be none.
    func connected() -> Int32? {
        if let descriptor = UnixSocket.connected(to: place.socket) { return checked(descriptor) }
        guard Self.meansNobody.contains(errno) else { return nil }
        let lock = open(place.folder + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard lock >= 0 else { return nil }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 { guard errno == EINTR else { return nil } }
        // Another command may have been faster.
        if let descriptor = UnixSocket.connected(to: place.socket) { return checked(descriptor) }
        guard Self.meansNobody.contains(errno), begin() else { return nil }
        return UnixSocket.connected(to: place.socket).flatMap(checked)
    }

    private static let meansNobody: Set<Int32> = [ENOENT, ECONNREFUSED]

    /// The listener is made here and handed over: whoever connects from now on is heard once the keeper runs.
    private func begin() -> Bool {
        unlink(place.socket)
        guard let listener = UnixSocket.listening(at: place.socket) else { return false }
        defer { close(listener) }
        return start(listener, place)
    }

    /// Nobody else's keeper is talked to.
    private func checked(_ descriptor: Int32) -> Int32? {
        if UnixSocket.peer(of: descriptor)?.user == geteuid() { return descriptor }
        close(descriptor)
        return nil
    }

    /// Starts this program as a keeper: in a session of its own, with nothing of the command's but what its place says.
    static func startThisProgram(_ listener: Int32, _ place: KeeperPlace) -> Bool {
        guard let program = realpath("/proc/self/exe", nil) else { return false }
        defer { free(program) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, listener, Self.listener)
        for stream in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, Self.listener + 1)
        posix_spawn_file_actions_addchdir_np(&actions, "/")
        var attributes = posix_spawnattr_t.ofOwnSession()
        defer { posix_spawnattr_destroy(&attributes) }
        let words = [program, strdup("connections"), strdup("keep"), nil]
        let variables = place.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words.dropFirst() + variables { free(text) } }
        var process: pid_t = 0
        return posix_spawn(&process, program, &actions, &attributes, words, variables) == 0
    }
}
