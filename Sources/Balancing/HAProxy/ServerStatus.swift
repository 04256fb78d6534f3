import Fleet

/// A server as `show stat` tells it.
struct ServerStatus: Hashable, Sendable {
    /// The server's name.
    var name: String
    /// Where it is reached; `nil` when the socket's level hides it.
    var address: ServerAddress?
    /// HAProxy's own word, such as `UP`, `DOWN 1/2`, `DRAIN`, `MAINT`, `no check`.
    var status: String
    /// Streams in progress.
    var sessions: Int
    /// Requests in its own queue.
    var queued: Int
    /// Connections that are open to it, in use or idle.
    var connections: Int
    /// Result of the last check, such as `L7OK`, with its code and the text in words.
    var checkStatus: String
    var checkCode: String
    var lastCheck: String
    /// Passed checks that count at present; full at `rise + fall - 1`.
    var health: Int
    var rise: Int
    var fall: Int
    /// Its share as it was set, whatever it gets of that as yet; `nil` when nothing is said of it.
    var weight: Int?
    /// How many hundredths of its share it gets as yet; `nil` once that is all.
    var throttle: Int?
    /// What its agent said last; `nil` where none is asked.
    var agent: AgentReply?
    /// What was counted for it.
    var counters: TrafficCounters?

    /// Whether enough checks have passed, whatever the administrative state is.
    var isHealthy: Bool { rise > 0 && health >= rise + fall - 1 && !status.hasPrefix("DOWN") }

    /// Whether nothing answers at its address any more, as opposed to a service that is ending and finishes what it has: its
    /// checks ran out of time while connecting, or found no way there.
    var isGone: Bool {
        guard state == .down else { return false }
        return checkStatus == "L4TOUT" || checkStatus == "L4CON" && !lastCheck.contains("refused")
    }

    /// Taken out by hand: `MAINT`, or `MAINT (via …)`.
    var isInMaintenance: Bool { status.hasPrefix("MAINT") }

    /// What the balancer does with it.
    var state: RunningMember.State {
        if isInMaintenance { return .maintenance }
        if status.hasPrefix("DRAIN") { return .draining }
        // "UP 1/3" is a server on its way down: it still gets traffic. "no check" is one that is never checked. One whose
        // weight was set to nothing gets nothing new; where an agent said so, it is nobody's decision, and soon over.
        if status.hasPrefix("UP") || status == "no check" { return weight == 0 && agent == nil ? .draining : .up }
        return .down
    }

    /// The last check for people: `L7STS 503`, `L4CON Connection refused`; empty before the first.
    var check: String {
        let detail = checkCode.isEmpty ? lastCheck : checkCode
        return detail.isEmpty || checkStatus == "INI" ? checkStatus : "\(checkStatus) \(detail)"
    }
}

/// A backend as one balancer runs it.
struct BackendStatus: Hashable, Sendable {
    /// The backend's numeric id, which carries the fingerprint of its settings; `nil` when it does not run.
    var id: Int?
    /// Its servers, in HAProxy's order.
    var servers: [ServerStatus]
    /// Requests that wait for whichever server is free first.
    var queued = 0

    /// Nothing runs under that name.
    static let missing = Self(id: nil, servers: [])

    subscript(name: String) -> ServerStatus? { servers.first { $0.name == name } }
}
