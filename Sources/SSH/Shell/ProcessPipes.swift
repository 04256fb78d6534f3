import CLibSSH2
import Glibc

/// Pipes for a process's three streams.
struct ProcessPipes {
    struct Pipe {
        var near: Int32
        var far: Int32
    }

    let input: Pipe
    let output: Pipe
    let errors: Pipe

    /// - Returns: `nil` when no descriptor is left.
    init?() {
        guard let input = Self.pipe() else { return nil }
        guard let output = Self.pipe() else {
            Self.close([input.near, input.far])
            return nil
        }
        guard let errors = Self.pipe() else {
            Self.close([input.near, input.far, output.near, output.far])
            return nil
        }
        self.input = Pipe(near: input.far, far: input.near)
        (self.output, self.errors) = (output, errors)
        for descriptor in [self.input.near, output.near, errors.near] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    /// The reading end as `near`, the writing end as `far`.
    private static func pipe() -> Pipe? {
        var ends: [Int32] = [0, 0]
        return pipe2(&ends, O_CLOEXEC) == 0 ? Pipe(near: ends[0], far: ends[1]) : nil
    }

    private static func close(_ descriptors: [Int32]) {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }

    func closeFarEnds() { Self.close([input.far, output.far, errors.far]) }

    func closeNearEnds() { Self.close([input.near, output.near, errors.near]) }

    /// Starts a program on the far ends, in a session of its own and with no signal ignored.
    /// - Returns: 0, or the error's number.
    func spawn(_ words: [String], _ process: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.far, 0)
        posix_spawn_file_actions_adddup2(&actions, output.far, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.far, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var attributes = posix_spawnattr_t.ofOwnSession()
        defer { posix_spawnattr_destroy(&attributes) }
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&process, words[0], &actions, &attributes, arguments, environ)
    }
}

extension posix_spawnattr_t {
    /// Attributes of a process in a session of its own, with no signal ignored or blocked; to be destroyed.
    static func ofOwnSession() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = drover_spawn_setsid | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, flags)
        return attributes
    }
}
