import Fleet
import OrderedCollections
import Synchronization
import Values

/// The merged variables of groups, made once for all hosts that are in the same groups.
final class MergedVariables: Sendable {
    private let byGroups = Mutex<[[Int]: Variables]>([:])

    func variables(for groups: [Int], merge: () -> Variables) -> Variables {
        if let known = byGroups.withLock({ $0[groups] }) { return known }
        let merged = merge()
        byGroups.withLock { $0[groups] = merged }
        return merged
    }
}

extension Variables {
    /// Takes over every variable of `other`; whole values, not merged ones, as Ansible does by default.
    mutating func replace(with other: Variables) {
        if isEmpty {
            self = other
        } else {
            for (name, value) in other { self[name] = value }
        }
    }
}
