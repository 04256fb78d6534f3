/// What a balancer has counted for one server, since its process began or the server was added to it.
///
/// Health checks are in none of them.
public struct TrafficCounters: Hashable, Sendable {
    /// Answers by the first digit of their status, `[0]` for those that have none of 1 to 5; empty where the balancer
    /// does not speak HTTP.
    public var answers: [Int]
    /// Requests for which no connection could be made, after all attempts.
    public var connectionFailures: Int
    /// Answers that were broken off or were none.
    public var brokenAnswers: Int
    /// Attempts to connect that were repeated.
    public var retries: Int
    /// Requests that were given to another server because this one could not be reached.
    public var redispatches: Int
    /// Requests whose clients did not wait for the end.
    public var abandoned: Int
    /// How often the server was chosen for a request, or a connection.
    public var chosen: Int
    /// Moving mean of the time until the answer's head, in whole milliseconds; `nil` where none is kept.
    public var responseTime: Int?

    /// Counters.
    public init(
        answers: [Int] = [], connectionFailures: Int = 0, brokenAnswers: Int = 0, retries: Int = 0,
        redispatches: Int = 0, abandoned: Int = 0, chosen: Int = 0, responseTime: Int? = nil
    ) {
        self.answers = answers
        self.connectionFailures = connectionFailures
        self.brokenAnswers = brokenAnswers
        self.retries = retries
        self.redispatches = redispatches
        self.abandoned = abandoned
        self.chosen = chosen
        self.responseTime = responseTime
    }

    /// Requests that had an answer.
    public var answered: Int { answers.isEmpty ? max(0, chosen - connectionFailures) : answers.reduce(0, +) }

    /// Requests that had an answer, or failed for want of a connection.
    public var requests: Int { answered + connectionFailures }

    /// Requests that failed: answered with 5xx, broken off, or without a connection. A client's own mistakes (4xx) and
    /// impatience are none.
    public var failed: Int {
        min(requests, (answers.count > 5 ? answers[5] : 0) + connectionFailures + brokenAnswers)
    }

    /// Whether it counts from a later beginning than `earlier`: a counter never goes back by itself.
    public func beganAfter(_ earlier: Self) -> Bool {
        let pairs = [
            (requests, earlier.requests), (failed, earlier.failed), (chosen, earlier.chosen),
            (connectionFailures, earlier.connectionFailures), (brokenAnswers, earlier.brokenAnswers),
        ]
        return pairs.contains { $0.0 < $0.1 }
    }
}
