public import Fleet
import Foundation

extension Inventory {
    /// The hosts a pattern names, in Ansible's order.
    ///
    /// Patterns are Ansible's: groups and hosts, `a:b` or `a,b`, `a:&b`, `a:!b`, `*` `?` `[…]`, `~regex`, `group[0]`,
    /// `group[-1]`, `group[1:3]`. A limit may also name a file of patterns: `@hosts.txt`. Unlike Ansible, a part that
    /// matches nothing is an error; `localhost` needs no entry.
    /// - Throws: ``InputError`` when a part of the pattern or of the limit matches nothing, or nothing is left.
    public func hosts(matching pattern: String, limit: String? = nil) throws(InputError) -> [HostName] {
        let selection = try selectHosts(matching: pattern, limit: limit)
        if let fault = selection.faults.first { throw fault }
        return selection.hosts
    }

    /// As ``hosts(matching:limit:)``, but tells what it found amiss instead of throwing it.
    /// - Throws: ``InputError`` for a malformed regular expression and an unreadable file of limits.
    public func selectHosts(matching pattern: String, limit: String? = nil) throws(InputError) -> HostSelection {
        var selector = HostSelector(inventory: self)
        let chosen = try selector.evaluate(HostPattern.split(pattern), of: "pattern")
        guard let limit else {
            let emptiness = chosen.isEmpty ? InputError("the pattern '\(pattern)' leaves no host") : nil
            return HostSelection(hosts: chosen.map(name(of:)), unmatched: selector.unmatched, emptiness: emptiness)
        }
        let limited = Set(try selector.evaluate(HostPattern.limits(limit), of: "limit"))
        let left = chosen.filter(limited.contains)
        let emptiness =
            left.isEmpty ? InputError("the pattern '\(pattern)' and the limit '\(limit)' have no host in common") : nil
        return HostSelection(hosts: left.map(name(of:)), unmatched: selector.unmatched, emptiness: emptiness)
    }

    private func name(of choice: HostSelector.Choice) -> HostName {
        switch choice {
        case .listed(let index): hostRecords[index].name
        case .implicit(let name): name
        }
    }
}

/// The hosts that a pattern and a limit name, and what is odd about them.
public struct HostSelection: Sendable {
    /// The hosts, in Ansible's order, each once.
    public let hosts: [HostName]
    /// The parts of the pattern and of the limit that match nothing, in the order of their evaluation.
    public let unmatched: [Unmatched]
    /// Says so when no host is left. A group without hosts is no fault in a play, which is then skipped.
    public let emptiness: InputError?

    /// All that is odd, the cause first.
    public var faults: [InputError] { unmatched.map(\.fault) + (emptiness.map { [$0] } ?? []) }

    /// A part of a pattern or of a limit that matches nothing.
    public struct Unmatched: Sendable {
        /// What the part is for.
        public enum Part: Sendable {
            /// Its hosts would have been added to those of others.
            case addition
            /// `&…`, `!…`, or any part of a limit: without it, more hosts are left than were meant.
            case restriction
        }

        /// What the part is for.
        public let part: Part
        /// Whether the inventory has no such name, so that it is probably misspelt; otherwise an index is too high.
        public let isUnknown: Bool
        /// Whether it is one slip of the keyboard away from a name that there is.
        public let isSlip: Bool
        /// Says so, with the nearest names.
        public let fault: InputError
    }

    /// Why the question which hosts these are has no answer; `nil` where Ansible's answer can be given.
    ///
    /// A part of a union that matches nothing leaves the others, and known names may well have no hosts. A misspelt restriction,
    /// or a pattern of which nothing is left but a misspelling, is no question that can be answered.
    public func refusal(isLimited: Bool) -> InputError? {
        let fatal = unmatched.first { $0.isUnknown && ($0.part == .restriction || hosts.isEmpty) }
        return fatal?.fault ?? (isLimited ? emptiness : nil)
    }
}

/// Evaluates patterns against one inventory, by Ansible's `InventoryManager`.
struct HostSelector {
    /// A host: one of the inventory, or this machine.
    enum Choice: Hashable {
        case listed(Int)
        case implicit(HostName)
    }

    let inventory: Inventory
    var unmatched: [HostSelection.Unmatched] = []

    init(inventory: Inventory) { self.inventory = inventory }

    /// Unions first, then intersections, then exclusions, whatever their order.
    mutating func evaluate(_ patterns: [String], of what: String) throws(InputError) -> [Choice] {
        var regular = patterns.filter { !$0.hasPrefix("!") && !$0.hasPrefix("&") }
        if regular.isEmpty { regular = ["all"] }
        var chosen: [Choice] = []
        var seen: Set<Choice> = []
        for pattern in regular {
            let found = try match(pattern, of: what, what == "limit" ? .restriction : .addition)
            for host in found where seen.insert(host).inserted { chosen.append(host) }
        }
        for pattern in patterns where pattern.hasPrefix("&") {
            let kept = Set(try match(String(pattern.dropFirst()), of: what, .restriction))
            chosen.removeAll { !kept.contains($0) }
        }
        for pattern in patterns where pattern.hasPrefix("!") {
            let left = Set(try match(String(pattern.dropFirst()), of: what, .restriction))
            chosen.removeAll { left.contains($0) }
        }
        return chosen
    }

    private mutating func match(
        _ pattern: String, of what: String, _ part: HostSelection.Unmatched.Part
    ) throws(InputError) -> [Choice] {
        if let host = plainHost(pattern) { return [host] }
        let (expression, subscription) = HostPattern.subscripted(pattern)
        let matcher = try HostPattern.Matcher(expression)
        let groups = try matcher.places(in: inventory.groupRecords.lazy.map(\.name))
        var found = groups.flatMap { Inventory.members(of: $0, inventory.groupRecords) }.map { Choice.listed($0) }
        if groups.isEmpty || matcher.isWild {
            found += try matcher.places(in: inventory.hostRecords.lazy.map(\.name.description)).map { .listed($0) }
        }
        if found.isEmpty, let local = localhost(expression) { found = [local] }
        if found.isEmpty {
            if groups.isEmpty {
                let isSlip = !matcher.isWild && NearestNames.isSlip(expression, among: names)
                note(noMatch(expression, of: what), part, isUnknown: true, isSlip: isSlip)
            }
        } else if let subscription {
            let count = found.count
            found = subscription.applied(to: found)
            if found.isEmpty {
                let fault = InputError("the \(what) '\(pattern)' is beyond the \(count.of("host")) of '\(expression)'")
                note(fault, part, isUnknown: false)
            }
        }
        return found
    }

    private mutating func note(
        _ fault: InputError, _ part: HostSelection.Unmatched.Part, isUnknown: Bool, isSlip: Bool = false
    ) {
        unmatched.append(HostSelection.Unmatched(part: part, isUnknown: isUnknown, isSlip: isSlip, fault: fault))
    }

    private var names: [String] {
        inventory.groupRecords.map(\.name) + inventory.hostRecords.map(\.name.description)
    }

    private func plainHost(_ name: String) -> Choice? {
        // No host's name: then it is a pattern.
        guard let host = try? HostName(name) else { return nil }
        return inventory.index(of: host).map { .listed($0) }
    }

    /// This machine, under the name that was asked for, where the inventory doesn't name it.
    private func localhost(_ name: String) -> Choice? {
        // What is no host name is not this machine either.
        guard Inventory.implicitNames.contains(name), let host = try? HostName(name) else { return nil }
        return .implicit(host)
    }

    private func noMatch(_ expression: String, of what: String) -> InputError {
        if expression.last == "]", let open = expression.firstIndex(of: "["), open != expression.startIndex {
            let name = expression[..<open]
            return InputError(
                "no host or group matches the \(what) '\(expression)'",
                hints: ["hosts are picked by \(name)[0], \(name)[-1], \(name)[1:3] and \(name)[1:]"])
        }
        var hints = NearestNames.hints(for: expression, among: names)
        if hints.isEmpty {
            let groups = inventory.groupRecords.dropFirst(2).prefix(8).map(\.name).joined(separator: ", ")
            hints = [groups.isEmpty ? "the inventory has no groups" : "the inventory's groups are: \(groups)"]
        }
        return InputError("no host or group matches the \(what) '\(expression)'", hints: hints)
    }
}
