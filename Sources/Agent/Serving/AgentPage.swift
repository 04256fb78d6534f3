import Sampling

/// What the agent knows now.
struct AgentState {
    private(set) var reading: Reading?
    private(set) var sample: Sample?
    private(set) var weight = HeadroomWeight()
    private(set) var samples: UInt64 = 0
    private(set) var lastTime = 0.0

    /// Counts a reading in; the sample since the one before.
    mutating func take(_ reading: Reading, at now: Double) -> Sample? {
        defer { self.reading = reading }
        guard let before = self.reading, let sample = Sample(from: before, to: reading) else { return nil }
        self.sample = sample
        weight.take(sample)
        samples &+= 1
        lastTime = now
        return sample
    }
}

/// The answers at `/metrics` and `/healthz`.
struct AgentPage {
    var state: AgentState
    /// What must be shown for `/metrics`, if anything.
    var token: String?

    func answer(to request: PageRequest, kept: Int?, at now: Double) -> PageAnswer {
        if request.isBroken { return PageAnswer(status: "400 Bad Request", body: "this is not a request\n") }
        if request.method == .other { return PageAnswer(status: "405 Method Not Allowed", body: "GET or HEAD\n") }
        switch request.path {
        case "/metrics": return metrics(request)
        case "/healthz": return health(kept: kept, at: now)
        default: return PageAnswer(status: "404 Not Found", body: "/metrics or /healthz\n")
        }
    }

    private func metrics(_ request: PageRequest) -> PageAnswer {
        if let token, !Self.same(token, request.token ?? "") {
            return PageAnswer(status: "401 Unauthorized", body: "a token is needed: Authorization: Bearer TOKEN\n")
        }
        guard let reading = state.reading else {
            return PageAnswer(status: "503 Service Unavailable", body: "nothing was measured yet\n")
        }
        let exposition = Exposition(
            reading: reading, sample: state.sample, weight: state.weight.percent, samples: state.samples)
        return PageAnswer(kind: "text/plain; version=0.0.4; charset=utf-8", body: exposition.text)
    }

    private func health(kept: Int?, at now: Double) -> PageAnswer {
        let age = now - state.lastTime
        let isWell = state.samples > 0 && age < 10
        var lines = [isWell ? "ok" : "stale", "version \(ProgramVersion.text)", "weight \(state.weight.percent)"]
        if let scope = state.reading?.scope { lines.append("scope \(scope.rawValue)") }
        if state.samples > 0 { lines.append("age \((age * 10).rounded() / 10)") }
        lines.append(kept.map { "history \($0)" } ?? "history none")
        return PageAnswer(
            status: isWell ? "200 OK" : "503 Service Unavailable", body: lines.joined(separator: "\n") + "\n")
    }

    /// Takes as long for a wrong token as for a right one.
    private static func same(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
