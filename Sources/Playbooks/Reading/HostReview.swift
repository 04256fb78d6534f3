public import Fleet
public import Inventories
import Values

extension Playbook {
    /// Looks over the hosts that plays name, as far as they are known before a run.
    ///
    /// A playbook may well have plays for groups that an inventory lacks; they are skipped, and told about.
    /// - Returns: A warning for each part of a play's `hosts` that matches nothing.
    /// - Throws: ``InputError`` when such a part is one slip of the keyboard away from a name that there is.
    public func review(_ inventory: Inventory) throws(InputError) -> [ErrorReport] {
        var warnings: [ErrorReport] = []
        // Plays after one that makes hosts or groups are looked over when their turn comes.
        let makers = plays.firstIndex(where: \.mayMakeHosts).map { $0 + 1 } ?? plays.count
        for play in plays.prefix(makers) {
            guard let pattern = play.plainPattern else { continue }
            for part in try inventory.selectHosts(matching: pattern).unmatched where part.isUnknown {
                guard !part.isSlip else {
                    try reader.mistakes.pass(part.fault.located(at: play.location))
                    continue
                }
                warnings.append(ErrorReport(part.fault.located(at: play.location)))
            }
        }
        return warnings
    }
}

extension Play {
    /// Whether hosts or groups may be added while it runs.
    var mayMakeHosts: Bool { hasOpenIncludes || sections.joined().flatMap(\.allTasks).contains(where: \.makesHosts) }

    /// `hosts` where no template has to be evaluated for it.
    fileprivate var plainPattern: String? {
        let parts: [String]
        if case .list(let items) = hosts {
            parts = items.compactMap(\.plainText)
        } else {
            parts = [hosts.plainText ?? ""]
        }
        let pattern = parts.joined(separator: ",")
        return pattern.contains("{{") || pattern.contains("{%") ? nil : pattern
    }
}

extension PlayTask {
    /// Whether it adds hosts or groups while the playbook runs.
    fileprivate var makesHosts: Bool {
        switch action {
        case .addHost, .groupBy: true
        default: false
        }
    }
}
