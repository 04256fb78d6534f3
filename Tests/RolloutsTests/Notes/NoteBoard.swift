import Fleet
import Rollouts
import Synchronization

/// What stands on hosts about a stage, as values, with the rules of the port.
final class NoteBoard: Sendable {
    struct Place: Sendable {
        var notes = HostNotes()
        var isSilent = false
        /// What every call meets.
        var fault: RolloutError?
        /// How much of the lease's time is over.
        var elapsed = Duration.zero
    }

    let places = Mutex<[HostName: Place]>([:])
    /// What was written where under which token, in order.
    let written = Mutex<[(host: HostName, token: Int64)]>([])

    func change(_ host: HostName, _ change: (inout Place) -> Void) {
        places.withLock { change(&$0[host, default: Place()]) }
    }

    /// Lets time pass on every host.
    func pass(_ time: Duration) {
        places.withLock { places in
            for host in places.keys { places[host]?.elapsed += time }
        }
    }

    /// What stands on a host.
    subscript(_ host: HostName) -> HostNotes { places.withLock { $0[host]?.current ?? HostNotes() } }

    fileprivate func at<Answer: Sendable>(
        _ host: HostName, _ work: @Sendable (inout Place) throws(RolloutError) -> Answer
    ) throws(RolloutError) -> Answer {
        try places.withLock { places throws(RolloutError) -> Answer in
            var place = places[host] ?? Place()
            defer { places[host] = place }
            if place.isSilent { throw RolloutError(.unreachable, host: host, "no route to host") }
            if let fault = place.fault { throw fault }
            return try work(&place)
        }
    }
}

extension NoteBoard.Place {
    /// Without a lease whose time is over.
    var current: HostNotes {
        var notes = notes
        if let lease = notes.lease {
            notes.lease = lease.left > elapsed ? StandingLease(lease.lease, left: lease.left - elapsed) : nil
        }
        return notes
    }

    /// Refuses a smaller token than the greatest one seen, and notes a greater one.
    mutating func pass(_ token: Int64, _ host: HostName) throws(RolloutError) {
        defer { notes.token = max(notes.token, token == .max ? 0 : token) }
        if token < notes.token { throw RolloutError(.fenced, host: host, "it has seen token \(notes.token)") }
    }
}

/// A board under a token.
struct BoardControl: NoteControl {
    let board: NoteBoard
    let token: Int64

    func notes(on host: HostName) async throws(RolloutError) -> HostNotes {
        try board.at(host) { place throws(RolloutError) in place.current }
    }

    func take(_ lease: StageLease, replacing other: Int64?, on host: HostName) async throws(RolloutError) -> HostNotes {
        try board.at(host) { place throws(RolloutError) in
            if let held = place.current.lease?.lease.token, held != lease.token, held != other,
                lease.token >= place.notes.token
            {
                return place.current
            }
            try place.pass(lease.token, host)
            place.notes.lease = StandingLease(lease, left: .milliseconds(lease.timeToLive))
            place.elapsed = .zero
            return place.current
        }
    }

    func renew(_ lease: StageLease, on host: HostName) async throws(RolloutError) -> [RolloutRequest] {
        try board.at(host) { place throws(RolloutError) in
            try place.pass(lease.token, host)
            place.notes.lease = StandingLease(lease, left: .milliseconds(lease.timeToLive))
            place.elapsed = .zero
            return place.notes.requests
        }
    }

    func post(_ request: RolloutRequest, on host: HostName) async throws(RolloutError) {
        try board.at(host) { place throws(RolloutError) in
            place.notes.requests.removeAll { $0.kind == request.kind }
            place.notes.requests.append(request)
        }
    }

    func release(_ token: Int64, isRevoked: Bool, on host: HostName) async throws(RolloutError) {
        try board.at(host) { place throws(RolloutError) in
            if place.notes.lease?.lease.token == token { place.notes.lease = nil }
            if isRevoked, place.notes.token == token { place.notes.token += 1 }
        }
    }

    func write(_ note: RolloutNote, on host: HostName) async throws(RolloutError) {
        try board.at(host) { place throws(RolloutError) in
            try place.pass(token, host)
            place.notes.rollout = note
        }
    }

    func write(_ note: StageNote, on host: HostName) async throws(RolloutError) {
        try board.at(host) { place throws(RolloutError) in
            try place.pass(token, host)
            place.notes.record = note
            place.notes.rollout = nil
            place.notes.requests = []
            board.written.withLock { $0.append((host, token)) }
        }
    }
}
