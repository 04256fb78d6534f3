import Fleet
import Rollouts

/// How one of several tiers does, as programs read it.
struct TierAnswer: Encodable {
    let name: String
    let state: FleetHealth.State
    /// Hosts in service; on the balancer that has the fewest.
    let inService: Int
    let members: Int
    /// How many must be in service.
    let minimum: Int
    /// Hosts in service on each balancer that answered.
    let inServiceOn: [String: Int]

    init(_ tier: FleetHealth.TierCount) {
        (name, state, inService, members) = (tier.name, tier.state, tier.inService, tier.members)
        minimum = tier.minimum
        inServiceOn = Dictionary(tier.inServiceOn.map { ($0.key.description, $0.value) }) { first, _ in first }
    }

    static let fields: [Shape.Field] = [
        .always("name", .text, "its name"),
        .always("state", .word(FleetHealth.State.self), "how it is; later words are worse"),
        .always("inService", .integer, "hosts in service; on the balancer that has the fewest"),
        .always("members", .integer, "how many hosts it has"),
        .always("minimum", .integer, "how many must be in service"),
        .always("inServiceOn", .map(.integer), "hosts in service on each of its balancers that answered"),
    ]

    /// `degraded: ap 3 of 3 in service on lb[1-2]; worker 1 of 2, at least 2 must be`
    static func sum(_ tiers: [TierAnswer], _ state: FleetHealth.State) -> String {
        "\(word(state)): " + tiers.map(\.words).joined(separator: "; ")
    }

    private static func word(_ state: FleetHealth.State) -> String {
        switch state {
        case .up: "up"
        case .noBuild: "no build yet"
        case .degraded: "degraded"
        case .belowMinimum: "BELOW ITS MINIMUM"
        case .down: "DOWN"
        }
    }

    private var words: String {
        let balancers = inServiceOn.keys.sorted().compactMap { try? HostName($0) }  // They were read as names.
        let place = balancers.isEmpty ? "" : " on \(NodeSet.text(balancers))"
        let bound = state >= .belowMinimum ? ", at least \(max(1, minimum)) must be" : ""
        return "\(name) \(inService) of \(members) in service\(place)\(bound)"
    }
}
