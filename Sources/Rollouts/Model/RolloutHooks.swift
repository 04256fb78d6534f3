public import Fleet

/// What a rollout has to be run besides: when it begins, once before the first host is changed, and when it is over.
public struct RolloutHooks: Hashable, Sendable, Codable {
    /// When it is run.
    public enum Point: String, Hashable, Sendable, Codable, CaseIterable {
        /// Before anything is changed, or before each host is switched.
        case before
        /// On one host, with the release there and not in use, before the first host is changed.
        case once
        /// When every host is done, or after each host is healthy.
        case after
        /// When what ``once`` did is to be taken back, after the hosts have gone back.
        case undo
    }

    /// How it went.
    public enum Standing: Hashable, Sendable {
        /// It was done.
        case done(on: HostName?)
        /// It went wrong.
        case failed(RolloutError)
        /// It was begun, and nobody knows what came of it.
        case doubtful(on: HostName?)
    }

    /// A command.
    public struct Hook: Hashable, Sendable, Codable {
        /// Where it is run.
        public enum Place: String, Hashable, Sendable, Codable, CaseIterable {
            /// Here, once a rollout.
            case controller
            /// On each host that is changed.
            case hosts
        }

        /// The command, as a shell takes it.
        public var command: String
        /// How many seconds it may take.
        public var seconds: Double
        /// Where it is run.
        public var place: Place
        /// What takes back what it did; `nil` where nothing does.
        public var undo: String?
        /// Whether the build before works on with what it did.
        public var isCompatible: Bool
        /// Whether it may be run twice.
        public var isIdempotent: Bool

        /// A command.
        public init(
            _ command: String, timeout: Duration = .seconds(600), place: Place = .controller, undo: String? = nil,
            isCompatible: Bool = false, isIdempotent: Bool = false
        ) {
            self.command = command
            seconds = timeout / .seconds(1)
            self.place = place
            self.undo = undo
            self.isCompatible = isCompatible
            self.isIdempotent = isIdempotent
        }

        /// How long it may take.
        public var timeout: Duration { .bounded(seconds: seconds) }
    }

    /// Before anything is changed, or before each host is switched.
    public var before: Hook?
    /// On one host, once a rollout, before the first host is changed.
    public var once: Hook?
    /// When every host is done, or after each host is healthy.
    public var after: Hook?
    /// The release in whose folder ``Point/undo`` is run, where that is not the plan's own.
    public var undoRelease: ReleaseID?

    /// Nothing unless said otherwise.
    public init(before: Hook? = nil, once: Hook? = nil, after: Hook? = nil) {
        self.before = before
        self.once = once
        self.after = after
    }

    /// What is run at that point; `nil` where nothing is.
    public func hook(at point: Point) -> Hook? {
        switch point {
        case .before: before
        case .once: once
        case .after: after
        case .undo: once.flatMap { once in once.undo.map { Hook($0, timeout: once.timeout) } }
        }
    }
}
