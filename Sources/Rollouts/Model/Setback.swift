public import Fleet

/// Why a rollout turned back.
public enum Setback: Hashable, Sendable {
    /// Too few hosts are in service to take out another.
    case shortage(Shortage)
    /// A host of the canary failed.
    case canary(RolloutError)
    /// More hosts failed than the budget covers; this one first.
    case budget(failed: Int, budget: Int, RolloutError)
    /// A balancer could not be made to do something, or nobody could be asked who is in service.
    case balancer(RolloutError)
    /// A gate did not pass a batch.
    case gate(GateReport.Finding)
    /// For so long no host got any further.
    case overdue(Duration)
    /// What had to be run before the first host is changed went wrong.
    case hook(RolloutHooks.Point, RolloutError)
    /// No host is left that could take the build.
    case noHostLeft
    /// Somebody asked for it.
    case asked(by: String)
    /// What a version of Drover said that told it in words alone.
    case told(String)
}

/// Who is in service, where that is too few.
public struct Shortage: Hashable, Sendable, Codable {
    /// Members of the pool that balancers send traffic.
    public var serving: Int
    /// How many members there are.
    public var total: Int
    /// How many must stay in service.
    public var floor: Int
    /// Hosts of the rollout that get no traffic, each with what is wrong with it where something is.
    public var out: [Absentee]
    /// What those in service have to do, where that is why so many must stay.
    public var strain: CapacityStrain?
    /// The tier that is short; `nil` where the service has but one.
    public var tier: String?

    /// A host that gets no traffic.
    public struct Absentee: Hashable, Sendable, Codable {
        /// The host.
        public var host: HostName
        /// What is wrong with it; `nil` when nothing is known to be.
        public var message: String?
    }
}

extension Shortage: CustomStringConvertible {
    /// For people, with the first few names.
    public var description: String {
        let names = out.prefix(5).map { out in out.message.map { "\(out.host) (\($0))" } ?? out.host.description }
        let more = out.count > 5 ? " and \(out.count - 5) more" : ""
        let missing = out.isEmpty ? "" : ", without \(names.joined(separator: ", "))\(more)"
        if let strain { return strain.message + missing }
        let place = tier.map { "tier \($0): " } ?? ""
        return "\(place)\(serving) of \(total.of("host")) in service\(missing), and at least \(floor) must stay so"
    }

    func masked(_ mask: (String) -> String) -> Self {
        var shortage = self
        shortage.out = out.map { Absentee(host: $0.host, message: $0.message.map(mask)) }
        return shortage
    }
}

extension Setback: CustomStringConvertible {
    /// For people.
    public var description: String {
        switch self {
        case .shortage(let shortage): return shortage.description
        case .canary(let error): return "canary \(error.host): \(error.message)"
        case .budget(let failed, let budget, let error):
            return "\(failed.of("host")) failed, the budget is \(budget): \(error.host): \(error.message)"
        case .balancer(let error): return "\(error.host): \(error.message)"
        case .gate(let finding):
            let word = finding.verdict == .fail ? "failed" : "had too little to judge by"
            return "gate \(finding.gate) \(word): \(finding.reason)"
        case .overdue(let time): return "no host got any further for \(time.inSeconds), the progress deadline"
        case .hook(let point, let error): return "hook \(point.rawValue): \(error.message)"
        case .noHostLeft: return "no host is left"
        case .asked(let name): return "asked for by \(name)"
        case .told(let reason): return reason
        }
    }

    /// Whether too few hosts were in service.
    var isShortage: Bool {
        if case .shortage = self { true } else { false }
    }

    /// Whether somebody asked for it, and nothing went wrong.
    var isAsked: Bool {
        if case .asked = self { true } else { false }
    }

    /// The setback with `mask` applied to what a person or a host wrote.
    func masked(_ mask: (String) -> String) -> Self {
        switch self {
        case .shortage(let shortage): .shortage(shortage.masked(mask))
        case .canary(let error): .canary(error.masked(mask))
        case .budget(let failed, let budget, let error): .budget(failed: failed, budget: budget, error.masked(mask))
        case .balancer(let error): .balancer(error.masked(mask))
        case .gate(let finding): .gate(finding.masked(mask))
        case .hook(let point, let error): .hook(point, error.masked(mask))
        case .noHostLeft, .asked, .overdue: self
        case .told(let reason): .told(mask(reason))
        }
    }
}

extension Setback: Codable {
    /// The word that programs tell it by.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// ``Setback/shortage(_:)``
        case shortage
        /// ``Setback/canary(_:)``
        case canary
        /// ``Setback/budget(failed:budget:_:)``
        case budget
        /// ``Setback/balancer(_:)``
        case balancer
        /// ``Setback/gate(_:)``
        case gate
        /// ``Setback/overdue(_:)``
        case overdue
        /// ``Setback/hook(_:_:)``
        case hook
        /// ``Setback/noHostLeft``
        case noHostLeft
        /// ``Setback/asked(by:)``
        case asked
        /// ``Setback/told(_:)``
        case told
    }

    private enum Key: String, CodingKey { case kind, shortage, fault, failed, budget, gate, by, reason, seconds, hook }

    private var kind: Kind {
        switch self {
        case .shortage: .shortage
        case .canary: .canary
        case .budget: .budget
        case .balancer: .balancer
        case .gate: .gate
        case .overdue: .overdue
        case .hook: .hook
        case .noHostLeft: .noHostLeft
        case .asked: .asked
        case .told: .told
        }
    }

    /// Decodes one flat object with the kind under `kind`.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func error() throws -> RolloutError { try fields.decode(RolloutError.self, forKey: .fault) }
        switch try fields.decode(Kind.self, forKey: .kind) {
        case .shortage: self = .shortage(try fields.decode(Shortage.self, forKey: .shortage))
        case .canary: self = .canary(try error())
        case .budget:
            self = .budget(
                failed: try fields.decode(Int.self, forKey: .failed),
                budget: try fields.decode(Int.self, forKey: .budget),
                try error())
        case .balancer: self = .balancer(try error())
        case .gate: self = .gate(try fields.decode(GateReport.Finding.self, forKey: .gate))
        case .overdue: self = .overdue(.bounded(seconds: try fields.decode(Double.self, forKey: .seconds)))
        case .hook: self = .hook(try fields.decode(RolloutHooks.Point.self, forKey: .hook), try error())
        case .noHostLeft: self = .noHostLeft
        case .asked: self = .asked(by: try fields.decode(String.self, forKey: .by))
        case .told: self = .told(try fields.decode(String.self, forKey: .reason))
        }
    }

    /// Encodes one flat object with the kind under `kind`.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(kind, forKey: .kind)
        switch self {
        case .shortage(let shortage): try fields.encode(shortage, forKey: .shortage)
        case .canary(let error), .balancer(let error): try fields.encode(error, forKey: .fault)
        case .budget(let failed, let budget, let error):
            try fields.encode(failed, forKey: .failed)
            try fields.encode(budget, forKey: .budget)
            try fields.encode(error, forKey: .fault)
        case .gate(let finding): try fields.encode(finding, forKey: .gate)
        case .overdue(let time): try fields.encode(time / .seconds(1), forKey: .seconds)
        case .hook(let point, let error):
            try fields.encode(point, forKey: .hook)
            try fields.encode(error, forKey: .fault)
        case .noHostLeft: break
        case .asked(let name): try fields.encode(name, forKey: .by)
        case .told(let reason): try fields.encode(reason, forKey: .reason)
        }
    }
}
