/// Whose rights a command runs with.
public enum Privilege: Hashable, Sendable {
    /// Those of the user who logged in.
    case login
    /// Those of another user, through sudo or another such program.
    case become(user: String)

    /// Root's.
    public static let root = Privilege.become(user: "root")
}

/// A line for a POSIX shell, with what it reads, whose rights it has and how long it may take.
public struct RemoteCommand: Sendable, Equatable {
    /// What the shell runs; may be a whole script.
    public var shellLine: String
    /// Whose rights it runs with.
    public var privilege: Privilege
    /// What it reads on standard input.
    public var input: [UInt8]
    /// How long it may take before it is ended and the call throws `.timedOut`.
    public var deadline: Duration
    /// Whether the host's other users may see the line in the list of processes, as they see what `ssh HOST COMMAND` runs.
    /// A transport may then send it along with the request for a shell, which saves a round trip.
    public var isForAllToSee = false
    /// Whether it is known to start nothing that outlives it. What it writes may then go straight to the controller, which saves
    /// the host two processes.
    public var leavesNothing = false
    /// Whether it, or its answer, may hold what `no_log` hides: neither is ever put into a log.
    public var isConfidential = false

    /// How long a command may take unless its caller says otherwise.
    public static let defaultDeadline: Duration = .seconds(300)

    /// A script as it stands.
    public init(
        shell: String, privilege: Privilege = .login, input: [UInt8] = [],
        deadline: Duration = RemoteCommand.defaultDeadline
    ) {
        shellLine = shell
        self.privilege = privilege
        self.input = input
        self.deadline = deadline
    }

    /// A program and its arguments, each quoted for the shell.
    public init(
        _ words: [String], privilege: Privilege = .login, input: [UInt8] = [],
        deadline: Duration = RemoteCommand.defaultDeadline
    ) {
        self.init(
            shell: words.map(Self.quote).joined(separator: " "), privilege: privilege, input: input,
            deadline: deadline)
    }

    /// One word as a POSIX shell reads it back unchanged.
    public static func quote(_ word: String) -> String {
        if !word.isEmpty, word.utf8.allSatisfy(isPlain) { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._-/:,@%+".utf8.contains(byte)
        }
    }
}

/// One of the streams that a command writes.
public enum CommandStream: Sendable, CaseIterable {
    /// Standard output.
    case output
    /// Standard error.
    case errors
}

/// Takes what a command writes.
public typealias OutputSink = @Sendable (CommandStream, [UInt8]) -> Void

/// What a command that ran to its end answered. A non-zero exit is a result, not an error.
public struct CommandResult: Sendable, Equatable {
    /// Exit status as the shell reports it: 128 + N for a program that signal N ended.
    public var status: Int32
    /// Standard output.
    public var output: [UInt8]
    /// Standard error.
    public var errors: [UInt8]
    /// Wall time on the controller.
    public var elapsed: Duration

    /// An answer.
    public init(status: Int32, output: [UInt8] = [], errors: [UInt8] = [], elapsed: Duration = .zero) {
        self.status = status
        self.output = output
        self.errors = errors
        self.elapsed = elapsed
    }

    /// Whether the exit status is 0.
    public var succeeded: Bool { status == 0 }

    /// Standard output as text; bytes that are not UTF-8 become U+FFFD.
    public var text: String { String(decoding: output, as: UTF8.self) }

    /// Standard error as text; bytes that are not UTF-8 become U+FFFD.
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
}
