/// What a RabbitMQ said over a window. Rates are per second.
public struct RabbitFigures: Sendable, Hashable, Codable {
    /// Its queues.
    public var queues: [RabbitQueue]
    /// What stops publishers: `memory`, `disk`.
    public var alarms: [String]
    /// Bytes of memory that the node uses; `nil` where it does not say.
    public var memory: Double?
    /// Bytes from which on publishers are held.
    public var memoryLimit: Double?
    /// Bytes left on its disk.
    public var diskFree: Double?
    /// Bytes under which publishers are held.
    public var diskFreeLimit: Double?
    /// Jobs that came to the node, for all queues together; `nil` where only each queue's are counted.
    public var published: Double?
    /// Jobs that were done by whoever is connected to the node.
    public var acknowledged: Double?

    /// What was measured.
    public init(
        queues: [RabbitQueue] = [], alarms: [String] = [], memory: Double? = nil, memoryLimit: Double? = nil,
        diskFree: Double? = nil, diskFreeLimit: Double? = nil
    ) {
        self.queues = queues
        self.alarms = alarms
        self.memory = memory
        self.memoryLimit = memoryLimit
        self.diskFree = diskFree
        self.diskFreeLimit = diskFreeLimit
    }
}

/// One queue of a RabbitMQ.
public struct RabbitQueue: Sendable, Hashable, Codable {
    /// Its name, after the virtual host's where that is not `/`.
    public var name: String
    /// Jobs that wait.
    public var ready: Double
    /// Jobs that workers have and did not confirm.
    public var unacknowledged: Double
    /// Consumers.
    public var consumers: Double
    /// How many more jobs are there each second, those that workers have included; `nil` after one look.
    public var growth: Double?
    /// Jobs that come; `nil` where that is not counted.
    public var published: Double?
    /// Jobs that are done.
    public var acknowledged: Double?
    /// Jobs that are handed out a second time.
    public var redelivered: Double?

    /// Whether it keeps what could not be done: nobody is meant to take from it.
    public var isForDeadLetters: Bool {
        let own = (name.split(separator: "/").last ?? "").lowercased()
        return ["dead", "dlq", "dlx"].contains { own == $0 || own.hasPrefix($0 + "-") || own.hasPrefix($0 + ".") }
            || ["-dead", ".dead", "-dlq", ".dlq", "_dlq", "_dead"].contains { own.hasSuffix($0) }
    }

    /// A queue.
    public init(
        name: String, ready: Double, unacknowledged: Double = 0, consumers: Double, growth: Double? = nil,
        published: Double? = nil, acknowledged: Double? = nil, redelivered: Double? = nil
    ) {
        self.name = name
        self.ready = ready
        self.unacknowledged = unacknowledged
        self.consumers = consumers
        self.growth = growth
        self.published = published
        self.acknowledged = acknowledged
        self.redelivered = redelivered
    }
}
