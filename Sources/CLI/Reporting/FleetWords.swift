import Fleet
import Rollouts

extension FleetChange {
    /// For people, without the host's name.
    var words: String {
        switch self {
        case .remove: "drain, then remove from the pool: no longer a member in the inventory"
        case .retire(_, let address, let units):
            "stop and disable \(units.joined(separator: ", ")) on \(address): no longer in the inventory"
        case .establish(let balancers):
            "establish the pool on \(balancers.map(\.description).joined(separator: ", "))"
        case .rename(let old, _): "take over the pool's entry of \(old), which is the same machine"
        case .start(_, let units): "start \(units.joined(separator: ", "))"
        case .deploy(_, let release, let running):
            "deploy release \(release) (\(running.map { "runs \($0)" } ?? "runs none")), then admit once healthy"
        case .admit: "admit to the pool once healthy"
        }
    }
}

extension StillRunning {
    /// That it may still work, and why.
    var words: String {
        let reason =
            switch error {
            case nil: ", and may still run "
            case let error? where error.code == .unreachable:
                ", and could not be asked (\(error.message)): it may still run "
            case let error?: ", and its units were not stopped (\(error.message)): it still runs "
            }
        return "left the inventory" + reason + units.joined(separator: ", ")
    }

    /// What to do about it.
    func hints(_ stage: String) -> [String] {
        let user = route?.settings.user.map { "\($0)@" } ?? ""
        let port = route?.settings.port.map { $0 == 22 ? "" : "-p \($0) " } ?? ""
        let names = units.joined(separator: " ")
        // What a generator makes, as podman does of quadlets, cannot be disabled.
        let stop = "sudo systemctl stop \(names); sudo systemctl disable \(names) || sudo systemctl mask \(names)"
        return [
            "stop them there: ssh \(port)\(user)\(route?.name ?? address) '\(stop)'",
            "'drover apply \(stage)' tries again; for a machine that is gone, add: --forget \(host)",
        ]
    }
}
