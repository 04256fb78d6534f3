import Fleet
import Inventories
import OrderedCollections
import Values

/// Reads `loop`, `with_…` and `loop_control`.
extension PlaybookReader {
    func readLoop(
        _ fields: [(key: String, node: SourceNode)], into own: inout PlayTask.OwnKeywords
    ) throws(InputError) {
        for (key, node) in fields where key == "loop" || key.hasPrefix("with_") {
            if own.loop != nil {
                throw InputError("a task has one loop, and '\(key)' is a second", at: node.location)
            }
            own.loop = TaskLoop(kind: try kind(key, node), value: try value(node), location: node.location)
        }
        guard let control = fields.first(where: { $0.key == "loop_control" })?.node else { return }
        guard var loop = own.loop else {
            throw InputError("'loop_control' needs a loop beside it", at: control.location)
        }
        for (key, node) in try control.fields(of: "loop_control") { try read(key, node, into: &loop) }
        own.loop = loop
    }

    private func kind(_ key: String, _ node: SourceNode) throws(InputError) -> TaskLoop.Kind {
        if key == "loop" {
            switch node.content {
            case .sequence, .scalar(.template): return .loop
            default:
                throw InputError(
                    "loop must be a list, not \(node.summary)", at: node.location,
                    hints: ["write it as \"{{ name }}\", or use with_items for a single value"])
            }
        }
        let name = String(key.dropFirst("with_".count)).replacing("ansible.builtin.", with: "")
        guard let kind = TaskLoop.Kind(rawValue: name), kind != .loop else {
            throw InputError(
                "'\(key)' is not supported", at: node.location,
                hints: NearestNames.hints(for: name, among: TaskLoop.Kind.allCases.map(\.rawValue)).isEmpty
                    ? ["use loop with a filter or with query('\(name)', …)"]
                    : NearestNames.hints(for: key, among: TaskLoop.Kind.allCases.map { "with_" + $0.rawValue }))
        }
        return kind
    }

    private func read(_ key: String, _ node: SourceNode, into loop: inout TaskLoop) throws(InputError) {
        switch key {
        case "loop_var": loop.variable = try variableName(node, of: key)
        case "index_var": loop.indexVariable = try variableName(node, of: key)
        case "label": loop.label = try value(node)
        case "pause": loop.pause = try value(node)
        case "extended": loop.isExtended = try node.flag(of: key)
        case "extended_allitems": _ = try node.flag(of: key)
        case "break_when": loop.breakWhen = try conditions(node, of: key)
        default:
            let known = ["loop_var", "index_var", "label", "pause", "extended", "break_when"]
            throw InputError(
                "loop_control has no '\(key)'", at: node.location, hints: NearestNames.hints(for: key, among: known))
        }
    }

    private func variableName(_ node: SourceNode, of what: String) throws(InputError) -> String {
        let name = try node.plainText(of: what)
        guard Self.isVariableName(name) else {
            throw InputError("'\(name)' is not a name for a variable", at: node.location)
        }
        return name
    }
}
