public import Fleet

/// How a rollout ended.
public enum RolloutOutcome: String, Hashable, Sendable, Codable, CaseIterable {
    /// The build is on every host that was not left out.
    case succeeded
    /// Every changed host is back at what it ran before.
    case rolledBack
    /// It was to go back and could not, on some host.
    case rollbackFailed
    /// It ended before it changed any host.
    case failed
}

/// What a host and the balancers answered.
public struct Observation: Hashable, Sendable, Codable {
    /// The release that is current on the host.
    public var release: ReleaseID?
    /// The build it was unpacked from, where the host has noted that.
    public var digest: BuildDigest?
    /// Whether every balancer that answered sends it traffic.
    public var isServing: Bool
    /// Whether some balancer has it at another address than the pool; `nil` as false.
    public var isElsewhere: Bool?
    /// Whether somebody has taken it out of rotation by hand, so that it stays out; `nil` as false.
    public var isKeptOut: Bool?
    /// How far the rollout had come with the host before it was taken up here; `nil` where it was not.
    public var intervention: HostProgress.Intervention?
    /// What it ran before that, where it was switched.
    public var before: ReleaseID?

    /// What was seen.
    public init(release: ReleaseID?, digest: BuildDigest? = nil, isServing: Bool, isElsewhere: Bool? = nil) {
        self.release = release
        self.digest = digest
        self.isServing = isServing
        self.isElsewhere = isElsewhere
    }
}

/// One thing that happened in a rollout, as it is journaled.
public enum RolloutEvent: Hashable, Sendable {
    /// The rollout began.
    case started(RolloutPlan)
    /// A controller took an unfinished rollout up; what was in flight is in doubt.
    case resumed
    /// These hosts are changed next, together.
    case batchOpened([HostName], isCanary: Bool)
    /// The action is about to be done.
    case intent(RolloutAction)
    /// The action was done.
    case done(RolloutAction, note: String?)
    /// The action could not be done.
    case failed(RolloutAction, RolloutError)
    /// What ``RolloutAction/observe(_:)`` found.
    case sighted(HostName, Observation)
    /// How a host was when it was checked, which is what it is compared with later.
    case inspected(HostName, HostCondition)
    /// What ``RolloutAction/count`` found.
    case counted(Headcount)
    /// What ``RolloutAction/judge(batch:)`` found.
    case judged(batch: Int, GateReport)
    /// The balancer takes no part from here on.
    case balancerLeftOut(HostName, reason: String)
    /// Somebody asks something of the rollout.
    case requested(RolloutRequest)
    /// Nothing is begun from here on until somebody has it go on.
    case held(RolloutHold)
    /// For so long no host got any further.
    case overdue(Duration)
    /// It went wrong, and stops at that for a person to go on.
    case halted(RolloutHalt)
    /// From here on every changed host goes back.
    case turnedBack(Setback)
    /// The rollout is over.
    case finished(RolloutOutcome)
}

extension RolloutEvent: Codable {
    private enum Name: String, Codable {
        case started, resumed, batch, intent, done, failed, sighted, inspected, counted, judged, balancerLeftOut
        case requested, held, overdue, halted, turnedBack, finished
    }
    private enum Key: String, CodingKey {
        case event, plan, hosts, isCanary = "canary", action, host, release, batch, note, fault, sighting, report
        case condition, count, balancer, reason, cause, outcome, request, hold, seconds, takesBatchBack, hook
    }

    /// Decodes one flat object with the event's name under `event`.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        switch try fields.decode(Name.self, forKey: .event) {
        case .started: self = .started(try fields.decode(RolloutPlan.self, forKey: .plan))
        case .resumed: self = .resumed
        case .batch:
            self = .batchOpened(
                try fields.decode([HostName].self, forKey: .hosts),
                isCanary: try fields.decode(Bool.self, forKey: .isCanary))
        case .intent: self = .intent(try Self.action(fields))
        case .done:
            self = .done(try Self.action(fields), note: try fields.decodeIfPresent(String.self, forKey: .note))
        case .failed: self = .failed(try Self.action(fields), try fields.decode(RolloutError.self, forKey: .fault))
        case .sighted:
            self = .sighted(
                try fields.decode(HostName.self, forKey: .host), try fields.decode(Observation.self, forKey: .sighting))
        case .inspected:
            self = .inspected(
                try fields.decode(HostName.self, forKey: .host),
                try fields.decode(HostCondition.self, forKey: .condition))
        case .counted: self = .counted(try fields.decode(Headcount.self, forKey: .count))
        case .judged:
            self = .judged(
                batch: try fields.decode(Int.self, forKey: .batch),
                try fields.decode(GateReport.self, forKey: .report))
        case .balancerLeftOut:
            self = .balancerLeftOut(
                try fields.decode(HostName.self, forKey: .balancer),
                reason: try fields.decode(String.self, forKey: .reason))
        case .requested: self = .requested(try fields.decode(RolloutRequest.self, forKey: .request))
        case .held: self = .held(try fields.decode(RolloutHold.self, forKey: .hold))
        case .overdue: self = .overdue(.bounded(seconds: try fields.decode(Double.self, forKey: .seconds)))
        case .halted:
            self = .halted(try Self.halt(fields))
        case .turnedBack: self = .turnedBack(try Self.setback(fields))
        case .finished: self = .finished(try fields.decode(RolloutOutcome.self, forKey: .outcome))
        }
    }

    /// Encodes one flat object with the event's name under `event`.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        switch self {
        case .started(let plan):
            try fields.encode(Name.started, forKey: .event)
            try fields.encode(plan, forKey: .plan)
        case .resumed: try fields.encode(Name.resumed, forKey: .event)
        case .batchOpened(let hosts, let isCanary):
            try fields.encode(Name.batch, forKey: .event)
            try fields.encode(hosts, forKey: .hosts)
            try fields.encode(isCanary, forKey: .isCanary)
        case .intent(let action): try Self.encode(.intent, action, into: &fields)
        case .done(let action, let note):
            try Self.encode(.done, action, into: &fields)
            try fields.encodeIfPresent(note, forKey: .note)
        case .failed(let action, let fault):
            try Self.encode(.failed, action, into: &fields)
            try fields.encode(fault, forKey: .fault)
        case .sighted(let host, let sighting):
            try fields.encode(Name.sighted, forKey: .event)
            try fields.encode(host, forKey: .host)
            try fields.encode(sighting, forKey: .sighting)
        case .inspected(let host, let condition):
            try fields.encode(Name.inspected, forKey: .event)
            try fields.encode(host, forKey: .host)
            try fields.encode(condition, forKey: .condition)
        case .counted(let count):
            try fields.encode(Name.counted, forKey: .event)
            try fields.encode(count, forKey: .count)
        case .judged(let batch, let report):
            try fields.encode(Name.judged, forKey: .event)
            try fields.encode(batch, forKey: .batch)
            try fields.encode(report, forKey: .report)
        case .balancerLeftOut(let balancer, let reason):
            try fields.encode(Name.balancerLeftOut, forKey: .event)
            try fields.encode(balancer, forKey: .balancer)
            try fields.encode(reason, forKey: .reason)
        case .requested(let request):
            try fields.encode(Name.requested, forKey: .event)
            try fields.encode(request, forKey: .request)
        case .held(let hold):
            try fields.encode(Name.held, forKey: .event)
            try fields.encode(hold, forKey: .hold)
        case .overdue(let time):
            try fields.encode(Name.overdue, forKey: .event)
            try fields.encode(time / .seconds(1), forKey: .seconds)
        case .halted(let halt):
            try Self.encode(.halted, halt.setback, into: &fields)
            try fields.encode(halt.takesBatchBack, forKey: .takesBatchBack)
        case .turnedBack(let setback): try Self.encode(.turnedBack, setback, into: &fields)
        case .finished(let outcome):
            try fields.encode(Name.finished, forKey: .event)
            try fields.encode(outcome, forKey: .outcome)
        }
    }

    private static func encode(
        _ name: Name, _ action: RolloutAction, into fields: inout KeyedEncodingContainer<Key>
    ) throws {
        try fields.encode(name, forKey: .event)
        try fields.encode(action.verb, forKey: .action)
        try fields.encodeIfPresent(action.host, forKey: .host)
        try fields.encodeIfPresent(action.release, forKey: .release)
        if case .judge(let batch) = action { try fields.encode(batch, forKey: .batch) }
        if case .hook(let point, _) = action { try fields.encode(point, forKey: .hook) }
    }

    private static func encode(
        _ name: Name, _ setback: Setback, into fields: inout KeyedEncodingContainer<Key>
    ) throws {
        try fields.encode(name, forKey: .event)
        try fields.encode(setback.description, forKey: .reason)
        try fields.encode(setback, forKey: .cause)
    }

    /// Earlier versions wrote words alone; later ones may know other causes.
    private static func setback(_ fields: KeyedDecodingContainer<Key>) throws -> Setback {
        if let setback = try? fields.decode(Setback.self, forKey: .cause) { return setback }  // Words are left.
        return .told(try fields.decode(String.self, forKey: .reason))
    }

    private static func halt(_ fields: KeyedDecodingContainer<Key>) throws -> RolloutHalt {
        RolloutHalt(
            setback: try setback(fields), takesBatchBack: try fields.decode(Bool.self, forKey: .takesBatchBack))
    }

    private static func action(_ fields: KeyedDecodingContainer<Key>) throws -> RolloutAction {
        let verb = try fields.decode(RolloutAction.Verb.self, forKey: .action)
        let action = RolloutAction(
            verb, host: try fields.decodeIfPresent(HostName.self, forKey: .host),
            release: try fields.decodeIfPresent(ReleaseID.self, forKey: .release),
            batch: try fields.decodeIfPresent(Int.self, forKey: .batch),
            hook: try fields.decodeIfPresent(RolloutHooks.Point.self, forKey: .hook))
        guard let action else {
            throw DecodingError.dataCorruptedError(
                forKey: .action, in: fields, debugDescription: "'\(verb.rawValue)' lacks a field")
        }
        return action
    }
}

extension RolloutEvent {
    /// The event with `mask` applied to every text that a person or a host wrote. Names and digests stay: the rollout goes
    /// on from them.
    func masked(_ mask: (String) -> String) -> Self {
        switch self {
        case .done(let action, let note): .done(action, note: note.map(mask))
        case .failed(let action, let error): .failed(action, error.masked(mask))
        case .inspected(let host, let condition): .inspected(host, condition.masked(mask))
        case .counted(let count): .counted(count.masked(mask))
        case .judged(let batch, let report):
            .judged(batch: batch, GateReport(report.findings.map { $0.masked(mask) }))
        case .balancerLeftOut(let balancer, let reason): .balancerLeftOut(balancer, reason: mask(reason))
        case .requested(let request): .requested(request.masked(mask))
        case .held(let hold): .held(hold.masked(mask))
        case .halted(let halt):
            .halted(RolloutHalt(setback: halt.setback.masked(mask), takesBatchBack: halt.takesBatchBack))
        case .turnedBack(let setback): .turnedBack(setback.masked(mask))
        case .started(let plan): .started(plan.masked(mask))
        case .resumed, .batchOpened, .intent, .sighted, .overdue, .finished: self
        }
    }
}

extension Observation {
    /// What a host was before the rollout.
    var asFound: Observation {
        guard let intervention, intervention > .none else { return self }
        var found = self
        found.isServing = isKeptOut != true
        if intervention == .switched { (found.release, found.digest) = (before, nil) }
        return found
    }

    /// Notes how far a rollout to `release` has come with the host, which another controller began.
    mutating func note(_ survey: HostSurvey, ofRolloutTo release: ReleaseID) {
        intervention = isServing || isKeptOut == true ? HostProgress.Intervention.none : .drained
        guard survey.release == release else { return }
        if survey.isUnconfirmed {
            (intervention, before) = (.switched, survey.previous)
        } else if survey.good == release {
            (intervention, before) = (.switched, survey.goodBefore)
        }
    }
}
