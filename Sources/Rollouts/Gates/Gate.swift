public import Fleet

/// What a gate found at one look.
public struct GateAnswer: Sendable {
    /// What it comes to.
    public var verdict: Verdict
    /// What it saw, for people.
    public var reason: String
    /// The numbers that it judged by.
    public var figures: GateFigures?
    /// Whether it would rather look on once the bake is over.
    public var isOpen: Bool

    /// An answer.
    public init(_ verdict: Verdict, _ reason: String, figures: GateFigures? = nil, isOpen: Bool = false) {
        self.verdict = verdict
        self.reason = reason
        self.figures = figures
        self.isOpen = isOpen
    }
}

/// When a gate is asked.
public struct GateMoment: Hashable, Sendable {
    /// For how long the batch has been watched.
    public var elapsed: Duration
    /// Whether the bake is over.
    public var isDue: Bool

    /// A moment.
    public init(elapsed: Duration, isDue: Bool) { (self.elapsed, self.isDue) = (elapsed, isDue) }
}

/// A question that a build must pass, and how to ask it.
public struct Gate: Sendable {
    /// How often a gate is asked while it watches a batch.
    public enum Watching: Sendable, Hashable {
        /// Again and again until the bake time is over.
        case throughout
        /// Once, at the end.
        case atTheEnd
    }

    /// Asks the gate once.
    public typealias Question = @Sendable (GateMoment) async -> GateAnswer

    /// The gate, as people call it.
    public var name: String
    /// How often it is asked.
    public var watching: Watching
    /// What it comes to when it had too little to judge by to the end.
    public var onNoData: NoDataPolicy
    /// For how long after the bake it may look on, where its answer says that it would.
    public var wait: Duration
    /// Begins to watch a batch whose hosts have just been admitted.
    public var begin: @Sendable (GateWatch) async -> Question

    /// A gate that remembers something of the batch from one question to the next.
    public init(
        name: String, watching: Watching = .throughout, onNoData: NoDataPolicy = .fail, wait: Duration = .zero,
        begin: @escaping @Sendable (GateWatch) async -> Question
    ) {
        self.name = name
        self.watching = watching
        self.onNoData = onNoData
        self.wait = wait
        self.begin = begin
    }

    /// A gate that is asked about the hosts of the batch each time anew.
    public init(
        name: String, watching: Watching, ask: @escaping @Sendable ([HostName]) async -> (Verdict, reason: String)
    ) {
        self.init(name: name, watching: watching) { watch in
            { _ in
                let (verdict, reason) = await ask(watch.hosts)
                return GateAnswer(verdict, reason)
            }
        }
    }
}
