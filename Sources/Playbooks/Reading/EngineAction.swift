import Fleet
import Inventories
import OrderedCollections
import Values

/// Actions that change what the engine knows rather than a host.
enum EngineAction: String, CaseIterable {
    case meta
    case includeVars = "include_vars"
    case groupBy = "group_by"
    case addHost = "add_host"
}

extension PlaybookReader {
    func engineAction(
        _ action: EngineAction, _ source: ActionSource, _ settings: TaskSettings
    ) throws(InputError) -> TaskAction {
        switch action {
        case .meta: return .meta(try meta(source))
        case .includeVars:
            var arguments = try arguments(source, freeFormKeys: ["file", "name", "dir"])
            if let name = arguments.freeForm, (name.text ?? "").stripped != "" { arguments.named["file"] = name }
            try checkNames(
                arguments.named,
                [
                    "file", "dir", "name", "depth", "files_matching", "ignore_files", "extensions",
                    "ignore_unknown_extensions", "hash_behaviour",
                ],
                of: source, refused: ["hash_behaviour"])
            if case .string(let name)? = arguments.named["file"] {
                let path = try FileSearch.require(name, kind: "vars", in: settings.searchFolders, at: source.location)
                _ = try variablesFile(path)
            }
            return .includeVars(arguments)
        case .groupBy:
            let arguments = try arguments(source, freeFormKeys: nil)
            try checkNames(arguments.named, ["key", "parents"], of: source)
            guard arguments.named["key"] != nil else {
                throw InputError("group_by needs 'key'", at: source.location)
            }
            return .groupBy(arguments)
        case .addHost:
            let arguments = try arguments(source, freeFormKeys: nil)
            guard ["name", "host", "hostname"].contains(where: { arguments.named[$0] != nil }) else {
                throw InputError("add_host needs 'name'", at: source.location)
            }
            return .addHost(arguments)
        }
    }

    private func meta(_ source: ActionSource) throws(InputError) -> MetaAction {
        let name = (source.arguments?.text ?? "").stripped
        guard let action = MetaAction(rawValue: name) else {
            throw InputError(
                "meta has no action '\(name)'", at: source.location,
                hints: NearestNames.hints(for: name, among: MetaAction.allCases.map(\.rawValue)))
        }
        if action == .resetConnection || action == .refreshInventory {
            throw InputError("meta action '\(name)' is not supported", at: source.location)
        }
        return action
    }

    private func checkNames(
        _ arguments: Variables, _ known: [String], of source: ActionSource, refused: [String] = []
    ) throws(InputError) {
        for key in arguments.keys where !known.contains(key) || refused.contains(key) {
            throw InputError(
                "\(source.shortName) has no parameter '\(key)'", at: source.location,
                hints: NearestNames.hints(for: key, among: known.filter { !refused.contains($0) }))
        }
    }
}
