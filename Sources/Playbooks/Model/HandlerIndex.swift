import Fleet
import OrderedCollections
import Values

/// The handlers of a play, in the order of their definition, by what notifies them.
struct HandlerIndex: Sendable {
    /// All handlers, in the order they run.
    private(set) var all: [PlayTask] = []
    /// For each section (a role's handlers file, the play's own list): names to positions in ``all``.
    private var named: [[String: Int]] = []
    /// For each section: topics to positions in ``all``.
    private var listening: [[String: [Int]]] = []
    /// Whether some handler's name is known only when it runs.
    private(set) var hasTemplatedNames = false

    init(_ sections: [[PlayNode]] = []) {
        for section in sections { add(section) }
    }

    /// Adds the handlers of one file or list.
    mutating func add(_ section: [PlayNode]) {
        var names: [String: Int] = [:]
        var topics: [String: [Int]] = [:]
        for handler in Self.tasks(of: section) {
            let position = all.count
            all.append(handler)
            if case .template = handler.name { hasTemplatedNames = true }
            if let name = handler.name?.text {
                // Within one list the first of a name wins, as measured.
                for name in Self.spellings(of: name, handler.settings.role) where names[name] == nil {
                    names[name] = position
                }
            }
            for topic in handler.listen.compactMap(\.text) { topics[topic, default: []].append(position) }
        }
        named.append(names)
        listening.append(topics)
    }

    /// Positions in ``all`` of what `name` notifies: the handler of that name in the section read last, and all listeners,
    /// of those with one name the one in the section read last.
    func handlers(notifiedBy name: String) -> [Int] {
        var positions: [Int] = []
        if let position = named.reversed().lazy.compactMap({ $0[name] }).first { positions.append(position) }
        var seen: Set<String> = []
        for position in listening.reversed().flatMap({ $0[name] ?? [] }) {
            if let own = all[position].name?.text, !seen.insert(own).inserted { continue }
            if !positions.contains(position) { positions.append(position) }
        }
        return positions
    }

    /// Everything that can be notified, for hints.
    var names: [String] { named.flatMap(\.keys) + listening.flatMap(\.keys) }

    private static func spellings(of name: String, _ role: RoleInstance?) -> [String] {
        guard let role else { return [name] }
        return [name, "\(role.source.name) : \(name)"]
    }

    private static func tasks(of nodes: [PlayNode]) -> [PlayTask] {
        nodes.flatMap { node in
            switch node {
            case .task(let task): [task]
            case .block(let block): tasks(of: block.tasks)
            }
        }
    }
}
